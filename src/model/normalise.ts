import { type Tensor4D, tensor4d } from '@tensorflow/tfjs-core';
import type { GridSize } from '../operators/image.js';
import { localContrast } from '../operators/local-contrast.js';
import {
  addPixels,
  noPixels,
  normalisationOf,
  type PixelNormalisation,
} from '../operators/pixel-statistics.js';
import type { ImageNormalisation } from './recipe.js';

/** What turns pixels into the network's input; mean and std are of the training images, in 0..1. */
export interface InputNormalisation extends PixelNormalisation {
  readonly kind: ImageNormalisation;
}

/**
 * uint8 grey images, one after the other, as the network's input [count, height, width, 1]:
 * (x / 255 - mean) / std, of the data set, of the image or of the pixel's surroundings. Done before
 * the upload: the same bits on every backend, and no cast kernel (whose traps differ by backend)
 * runs.
 */
export function normalisedTensor(
  images: Uint8Array,
  count: number,
  size: GridSize,
  normalisation: InputNormalisation,
): Tensor4D {
  const { height, width } = size;
  const values = new Float32Array(images.length);
  const area = height * width;
  switch (normalisation.kind) {
    case 'data-set':
      through(tableOf(normalisation), images, values);
      break;
    case 'per-image':
      for (let start = 0; start < images.length; start += area) {
        const image = images.subarray(start, start + area);
        const own = normalisationOf(addPixels(noPixels, image));
        through(tableOf(own), image, values.subarray(start, start + area));
      }
      break;
    case 'local-contrast':
      for (let start = 0; start < images.length; start += area) {
        const image = images.subarray(start, start + area);
        localContrast(image, size, values.subarray(start, start + area));
      }
  }
  return tensor4d(values, [count, height, width, 1]);
}

function tableOf({ mean, std }: PixelNormalisation): Float32Array {
  const table = new Float32Array(256);
  // A folder of uniform images has std 0; dividing by it would feed NaN to the network.
  const divisor = std > 0 ? std : 1;
  for (let pixel = 0; pixel < 256; pixel++) table[pixel] = (pixel / 255 - mean) / divisor;
  return table;
}

function through(table: Float32Array, pixels: Uint8Array, values: Float32Array): void {
  for (let index = 0; index < values.length; index++) values[index] = table[pixels[index]!]!;
}

/** Masks of 0 and 1 as [count, height, width, 1] float32. */
export function maskTensor(
  masks: Uint8Array,
  count: number,
  { height, width }: GridSize,
): Tensor4D {
  return tensor4d(Float32Array.from(masks), [count, height, width, 1]);
}
