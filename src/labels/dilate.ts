import type { GridSize } from '../operators/image.js';

/** A mask (0 and 1) grown by `reach` pixels in all eight directions. */
export function dilated(mask: Uint8Array, size: GridSize, reach: number): Uint8Array {
  return reached(mask, size, reach, 1);
}

/** A mask shrunk by `reach` pixels; what lies outside of the picture does not count. */
export function eroded(mask: Uint8Array, size: GridSize, reach: number): Uint8Array {
  return reached(mask, size, reach, 0);
}

/** Pixels within reach of a `value` take it: along the rows, then down the columns. */
function reached(
  mask: Uint8Array,
  { height, width }: GridSize,
  reach: number,
  value: 0 | 1,
): Uint8Array {
  const along = mask.slice();
  for (let start = 0; start < mask.length; start += width) {
    spread(mask, along, { start, step: 1, count: width }, reach, value);
  }
  const both = along.slice();
  for (let start = 0; start < width; start++) {
    spread(along, both, { start, step: width, count: height }, reach, value);
  }
  return both;
}

interface Row {
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

function spread(
  from: Uint8Array,
  to: Uint8Array,
  { start, step, count }: Row,
  reach: number,
  value: 0 | 1,
): void {
  /** Up to where all has been set. */
  let done = 0;
  for (let nth = 0; nth < count; nth++) {
    if (from[start + nth * step] !== value) continue;
    const end = Math.min(nth + reach + 1, count);
    for (let at = Math.max(nth - reach, done); at < end; at++) to[start + at * step] = value;
    done = end;
  }
}
