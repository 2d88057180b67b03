import type { GridSize } from './image.js';

/** A rectangle of pixels: its first row and column, and how many of each. */
export interface Box extends GridSize {
  readonly top: number;
  readonly left: number;
}

/** Of all foreground of masks (0 or 1, row-major, one grid) together; null where there is none. */
export function boundingBox(masks: readonly Uint8Array[], { height, width }: GridSize): Box | null {
  let top = height;
  let bottom = -1;
  let left = width;
  let right = -1;
  for (const mask of masks) {
    const start = mask.indexOf(1);
    const end = mask.lastIndexOf(1);
    if (start === -1) continue;
    for (let row = Math.floor(start / width); row * width <= end; row++) {
      const line = mask.subarray(row * width, (row + 1) * width);
      const first = line.indexOf(1);
      if (first === -1) continue;
      top = Math.min(top, row);
      bottom = Math.max(bottom, row);
      left = Math.min(left, first);
      right = Math.max(right, line.lastIndexOf(1));
    }
  }
  return bottom === -1 ? null : { top, left, height: bottom - top + 1, width: right - left + 1 };
}

/** The part of a mask that a box within its grid covers. */
export function maskWithin(mask: Uint8Array, box: Box, { width }: GridSize): Uint8Array {
  const part = new Uint8Array(box.height * box.width);
  for (let row = 0; row < box.height; row++) {
    const from = (box.top + row) * width + box.left;
    part.set(mask.subarray(from, from + box.width), row * box.width);
  }
  return part;
}
