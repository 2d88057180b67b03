import type { Cut, Region } from '../formats/frames.js';
import type { GreyImage } from './image.js';

/** An image, or a mask of it, cut; all of it where it is of another size than what is to be cut. */
export function cropped(image: GreyImage, cut: Cut | null): GreyImage {
  const isOfSize = image.height === cut?.of.height && image.width === cut.of.width;
  return isOfSize ? crop(image, cut) : image;
}

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
