import type { Mask } from '../api.js';

/** 0 or 1, row-major. */
export interface Bitmap {
  readonly height: number;
  readonly width: number;
  readonly pixels: Uint8Array;
}

/** Of Kaggle's run lengths: pairs of start and length, down the columns, counted from 1. */
export function bitmapOf({ height, width, rle }: Mask): Bitmap {
  const pixels = new Uint8Array(height * width);
  const numbers = rle === '' ? [] : rle.split(' ').map(Number);
  for (let pair = 0; pair + 1 < numbers.length; pair += 2) {
    const start = numbers[pair]! - 1;
    const end = Math.min(start + numbers[pair + 1]!, pixels.length);
    for (let at = start; at < end; at++) {
      pixels[(at % height) * width + Math.floor(at / height)] = 1;
    }
  }
  return { height, width, pixels };
}
