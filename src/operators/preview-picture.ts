import type { Picture } from '../events.js';
import type { GridSize } from './image.js';

/** More says nothing more on a terminal, and travels far too often. */
const mostPixels = 128 * 160;

/** An image with its masks (anything but 0 is foreground) as a picture for people. */
export function encodePicture(
  size: GridSize,
  image: Uint8Array,
  mask: Uint8Array,
  truth?: Uint8Array,
): Picture {
  const step = Math.ceil(Math.sqrt((size.height * size.width) / mostPixels));
  const thin = (pixels: Uint8Array) => everyNth(pixels, size, step);
  return {
    height: Math.ceil(size.height / step),
    width: Math.ceil(size.width / step),
    image: base64(thin(image)),
    mask: base64(packBits(thin(mask))),
    ...(truth && { truth: base64(packBits(thin(truth))) }),
  };
}

/** The same picture with its true mask, which is on the picture's own grid. */
export function withTruth(picture: Picture, truth: Uint8Array): Picture {
  return { ...picture, truth: base64(packBits(truth)) };
}

/** A mask of a picture as pixels of 0 and 1. */
export function pictureMask(bits: string, { height, width }: GridSize): Uint8Array {
  const bytes = Buffer.from(bits, 'base64');
  const pixels = new Uint8Array(height * width);
  for (let index = 0; index < pixels.length; index++) {
    pixels[index] = ((bytes[index >> 3] ?? 0) >> (7 - (index & 7))) & 1;
  }
  return pixels;
}

/** Every `step`th pixel of every `step`th row. */
function everyNth(pixels: Uint8Array, { height, width }: GridSize, step: number): Uint8Array {
  if (step === 1) return pixels;
  const columns = Math.ceil(width / step);
  const thinned = new Uint8Array(Math.ceil(height / step) * columns);
  for (let index = 0; index < thinned.length; index++) {
    const row = Math.floor(index / columns) * step;
    thinned[index] = pixels[row * width + (index % columns) * step]!;
  }
  return thinned;
}

function packBits(mask: Uint8Array): Uint8Array {
  const bits = new Uint8Array(Math.ceil(mask.length / 8));
  for (let index = 0; index < mask.length; index++) {
    if (mask[index] !== 0) bits[index >> 3]! |= 0x80 >> (index & 7);
  }
  return bits;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
}
