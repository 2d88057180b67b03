import { maskOfFrame } from '../labels/mask-of-frame.js';
import type { GreyImage } from './image.js';
import { imageFormat } from './image-format.js';
import { fail, ok, type Result } from './result.js';
import { type DecodeCode, decodeSamples, type Samples } from './samples.js';
import type { ImageFile, ImageStep, SourceImage, SourcePixels } from './source-image.js';

export interface DecodeOptions {
  /** Height x width of the largest image to decode; protects memory from a small file's claim. */
  readonly maxPixels: number;
}

/** Larger images are refused undecoded: 100 megapixels are 400 of Kaggle's. */
export const mostImagePixels = 100_000_000;

/**
 * A file as an image to work on. Nothing is decoded yet: pixels are made for the first step that
 * asks for them, and a step that resizes plain TIFFs can do without.
 */
export function decode({ maxPixels }: DecodeOptions): (file: ImageFile) => Result<SourceImage> {
  return (file) => ok({ ...file, is: 'coded', maxPixels });
}

/** The pixels of an image, decoded now if they have not been. */
export async function pixelsOf(image: SourceImage): Promise<Result<SourcePixels, DecodeCode>> {
  if (image.is === 'pixels') return ok(image);
  const { kind, bytes } = image;
  const decoded = await (kind === 'image' ? decodeImage : decodeMask)(bytes, image);
  if (!decoded.ok) return decoded;
  const { height, width } = decoded.value;
  return ok({ is: 'pixels', kind, image: decoded.value, original: { height, width } });
}

/** Makes a step of a function on an image's pixels, or on a mask's (0 and 1). */
export function onPixels(
  change: (image: GreyImage, kind: ImageFile['kind']) => GreyImage,
): ImageStep {
  return async (image) => {
    const pixels = await pixelsOf(image);
    if (!pixels.ok) return pixels;
    return ok({ ...pixels.value, image: change(pixels.value.image, image.kind) });
  };
}

/**
 * A TIFF, PNG or JPEG file (whatever its name) as 8-bit grey: the first page of several; 16 bits
 * scaled linearly (65535 is 255), rounded; colour as its luma, 0.299 R + 0.587 G + 0.114 B, which
 * leaves grey stored as RGB or in a palette as it is. Alpha, colour profiles and the EXIF
 * orientation are ignored: pixels as stored, for an image and its mask alike.
 */
export async function decodeImage(
  bytes: Uint8Array,
  { maxPixels }: DecodeOptions,
): Promise<Result<GreyImage, DecodeCode>> {
  const decoded = await decodeSamples(bytes, maxPixels);
  return decoded.ok ? ok(greyOf(decoded.value)) : decoded;
}

/** A mask file as 0 and 1: `maskOfFrame` says what of it is foreground. */
export async function decodeMask(
  bytes: Uint8Array,
  { maxPixels }: DecodeOptions,
): Promise<Result<GreyImage, DecodeCode>> {
  const decoded = await decodeSamples(bytes, maxPixels);
  if (!decoded.ok) return decoded;
  const { stride } = decoded.value;
  const frame = { ...decoded.value, hasAlpha: stride === 2 || stride === 4 };
  const context = { isLossy: imageFormat(bytes) === 'jpeg', isInverted: false };
  const read = maskOfFrame(frame, context);
  return read.ok ? ok(read.value.mask) : fail('DECODE_FAILED', read.failure.message);
}

function greyOf({ height, width, data, stride, colours }: Samples): GreyImage {
  const wide = data instanceof Uint16Array;
  if (!wide && stride === 1) return { height, width, data };
  // 65535 / 255 = 257 is odd, so that no value lies on a half.
  const scale = wide ? 257 : 1;
  const grey = new Uint8Array(height * width);
  for (let pixel = 0, at = 0; pixel < grey.length; pixel++, at += stride) {
    const value =
      colours === 1
        ? data[at]!
        : (299 * data[at]! + 587 * data[at + 1]! + 114 * data[at + 2]!) / 1000;
    grey[pixel] = Math.floor(value / scale + 0.5);
  }
  return { height, width, data: grey };
}
