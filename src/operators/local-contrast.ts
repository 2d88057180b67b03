import type { GridSize } from './image.js';

/** Half the window's side, as a share of the image's height. */
const reach = 1 / 8;
/** Of 255; keeps the noise of a black border from being blown up to full contrast. */
export const leastStd = 8;

/** How far a window reaches from its pixel. */
export function windowRadius(height: number): number {
  return Math.max(1, Math.round(height * reach));
}

/**
 * (x - mean) / std of a square window around each pixel, a quarter of the height wide, cut off at
 * the image's edge. Two summed-area tables, whole numbers throughout: 4 reads a pixel whatever the
 * window.
 */
export function localContrast(
  image: Uint8Array,
  { height, width }: GridSize,
  into: Float32Array,
): void {
  const radius = windowRadius(height);
  const pitch = width + 1;
  const sums = new Float64Array((height + 1) * pitch);
  const squares = new Float64Array((height + 1) * pitch);
  for (let row = 0; row < height; row++) {
    let sum = 0;
    let square = 0;
    for (let column = 0; column < width; column++) {
      const pixel = image[row * width + column]!;
      sum += pixel;
      square += pixel * pixel;
      const at = (row + 1) * pitch + column + 1;
      sums[at] = sums[at - pitch]! + sum;
      squares[at] = squares[at - pitch]! + square;
    }
  }
  for (let row = 0; row < height; row++) {
    const top = Math.max(0, row - radius) * pitch;
    const bottom = Math.min(height, row + radius + 1) * pitch;
    for (let column = 0; column < width; column++) {
      const left = Math.max(0, column - radius);
      const right = Math.min(width, column + radius + 1);
      const count = ((bottom - top) / pitch) * (right - left);
      const within = (table: Float64Array): number =>
        table[bottom + right]! - table[top + right]! - table[bottom + left]! + table[top + left]!;
      const mean = within(sums) / count;
      const variance = within(squares) / count - mean * mean;
      const at = row * width + column;
      into[at] = (image[at]! - mean) / Math.max(leastStd, Math.sqrt(Math.max(0, variance)));
    }
  }
}
