import { type Tensor4D, tensor4d } from '@tensorflow/tfjs-core';
import type { GridSize } from '../operators/image.js';
import type { PixelNormalisation } from '../operators/normalize.js';

/**
 * uint8 grey images, one after the other, as the network's input [count, height, width, 1]:
 * (x / 255 - mean) / std. Done through a table of 256 numbers before the upload: the same bits on
 * every backend, and no cast kernel (whose traps differ by backend) runs.
 */
export function normalisedTensor(
  images: Uint8Array,
  count: number,
  { height, width }: GridSize,
  { mean, std }: PixelNormalisation,
): Tensor4D {
  const table = new Float32Array(256);
  // A folder of uniform images has std 0; dividing by it would feed NaN to the network.
  const divisor = std > 0 ? std : 1;
  for (let pixel = 0; pixel < 256; pixel++) table[pixel] = (pixel / 255 - mean) / divisor;
  const values = new Float32Array(images.length);
  for (let index = 0; index < values.length; index++) values[index] = table[images[index]!]!;
  return tensor4d(values, [count, height, width, 1]);
}

/** Masks of 0 and 1 as [count, height, width, 1] float32. */
export function maskTensor(
  masks: Uint8Array,
  count: number,
  { height, width }: GridSize,
): Tensor4D {
  return tensor4d(Float32Array.from(masks), [count, height, width, 1]);
}
