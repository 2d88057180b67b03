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
    for (let row = 0; row < height; row++) {
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
