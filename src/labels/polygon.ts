import type { GridSize } from '../operators/image.js';

/**
 * Sets the pixels whose centre lies in a ring (x, y by turns), even-odd: where a ring overlaps itself
 * twice is outside. The centre of the first pixel is (0.5, 0.5). Of a ring along pixel centres
 * the upper and the left side count, so that what shares a side shares no pixel.
 */
export function fillRing(ring: readonly number[], mask: Uint8Array, size: GridSize): void {
  const { height, width } = size;
  const points = ring.length / 2;
  let [least, most] = [Infinity, -Infinity];
  for (let at = 1; at < ring.length; at += 2) {
    least = Math.min(least, ring[at]!);
    most = Math.max(most, ring[at]!);
  }
  const first = Math.max(0, Math.ceil(least - 0.5));
  const last = Math.min(height - 1, Math.ceil(most - 0.5) - 1);
  for (let row = first; row <= last; row++) {
    const y = row + 0.5;
    const crossings: number[] = [];
    for (let point = 0, before = points - 1; point < points; before = point++) {
      // From above to below, so that a ring drawn the other way round is rounded alike.
      const isDown = ring[2 * before + 1]! < ring[2 * point + 1]!;
      const [upper, lower] = isDown ? [before, point] : [point, before];
      const [x0, y0] = [ring[2 * upper]!, ring[2 * upper + 1]!];
      const [x1, y1] = [ring[2 * lower]!, ring[2 * lower + 1]!];
      if (y0 <= y !== y1 <= y) crossings.push(x0 + ((y - y0) / (y1 - y0)) * (x1 - x0));
    }
    crossings.sort((a, b) => a - b);
    for (let at = 0; at + 1 < crossings.length; at += 2) {
      const from = columnFrom(crossings[at]!, width);
      const to = columnFrom(crossings[at + 1]!, width);
      if (from < to) mask.fill(1, row * width + from, row * width + to);
    }
  }
}

/** The first column whose centre is at x or to the right of it. */
function columnFrom(x: number, width: number): number {
  return Math.min(width, Math.max(0, Math.ceil(x - 0.5)));
}
