import { type Box, boundingBox } from './bounding-box.js';
import { squaredDistances } from './distance-transform.js';
import type { GridSize } from './image.js';

/**
 * The 95 % Hausdorff distance between the outlines of two masks, in pixels: of the distances from
 * each pixel of one outline to the nearest of the other, the 95th percentile (interpolated between
 * ranks), in both directions, and of these two the larger. An outline is the mask's pixels with an
 * edge to the background or to the outside of the image.
 *
 * 0 where both masks are empty; null, no distance at all, where one of them is.
 *
 * @param a, b 0 or 1, row-major.
 */
export function hausdorff95(a: Uint8Array, b: Uint8Array, size: GridSize): number | null {
  const box = boundingBox([a, b], size);
  if (box === null) return 0;
  const inA = outlineWithin(a, size, box);
  const inB = outlineWithin(b, size, box);
  if (!inA.includes(1) || !inB.includes(1)) return null;
  return Math.max(
    percentile95(distancesTo(inA, inB, box)),
    percentile95(distancesTo(inB, inA, box)),
  );
}

function outlineWithin(mask: Uint8Array, { height, width }: GridSize, box: Box): Uint8Array {
  const outline = new Uint8Array(box.height * box.width);
  for (let y = 0; y < box.height; y++) {
    const row = box.top + y;
    for (let x = 0; x < box.width; x++) {
      const column = box.left + x;
      const at = row * width + column;
      if (mask[at] === 0) continue;
      const isInside =
        row > 0 &&
        row < height - 1 &&
        column > 0 &&
        column < width - 1 &&
        mask[at - 1]! + mask[at + 1]! + mask[at - width]! + mask[at + width]! === 4;
      if (!isInside) outline[y * box.width + x] = 1;
    }
  }
  return outline;
}

/** Ascending. */
function distancesTo(target: Uint8Array, from: Uint8Array, size: GridSize): Float64Array {
  const squares = squaredDistances(target, size);
  const found: number[] = [];
  for (let at = from.indexOf(1); at !== -1; at = from.indexOf(1, at + 1)) found.push(squares[at]!);
  return Float64Array.from(found).sort().map(Math.sqrt);
}

/** Of ascending values; between the two nearest ranks in proportion. */
function percentile95(sorted: Float64Array): number {
  const rank = 0.95 * (sorted.length - 1);
  const lower = sorted[Math.floor(rank)]!;
  return lower + (rank - Math.floor(rank)) * (sorted[Math.ceil(rank)]! - lower);
}
