import type { Region } from '../formats/frames.js';
import type { GreyImage } from './image.js';

/** The part of an image that a region covers; all of it where there is none. */
export function crop(image: GreyImage, region: Region | null): GreyImage {
  if (region === null) return image;
  const top = Math.max(0, region.top);
  const left = Math.max(0, region.left);
  const height = Math.min(image.height, region.bottom) - top;
  const width = Math.min(image.width, region.right) - left;
  if (height <= 0 || width <= 0) return image;
  const data = new Uint8Array(height * width);
  for (let row = 0; row < height; row++) {
    const from = (top + row) * image.width + left;
    data.set(image.data.subarray(from, from + width), row * width);
  }
  return { height, width, data };
}
