import { type ReadingSettings, readingKey } from '../formats/reading-settings.js';
import { rasterise } from '../labels/rasterise.js';
import { cropped } from './crop.js';
import type { GreyImage } from './image.js';
import { openFile } from './open-file.js';
import { ok, type Result } from './result.js';
import type {
  CodedImage,
  ImageFile,
  ImageStep,
  LabelledImage,
  OpenedImage,
  SourceImage,
  SourcePixels,
} from './source-image.js';

export interface DecodeOptions {
  /** Height x width of the largest image to decode; protects memory from a small file's claim. */
  readonly maxPixels: number;
  readonly reading?: Partial<ReadingSettings>;
}

/** Larger images are refused undecoded: 100 megapixels are 400 of Kaggle's. */
export const mostImagePixels = 100_000_000;

/**
 * A file, or a frame of one, as an image to work on. Nothing is decoded yet: pixels are made for the
 * first step that asks for them, and a step that resizes plain TIFFs can do without.
 */
export function decode({
  maxPixels,
  reading = {},
}: DecodeOptions): (content: ImageFile | OpenedImage | LabelledImage) => Result<SourceImage> {
  const isAsUsual = readingKey({ ...reading, frames: 'all', crop: 'none' }) === '';
  return (content) => {
    if (!('is' in content)) return ok({ ...content, is: 'coded', maxPixels, reading, isAsUsual });
    if (content.is === 'frame') return ok(content);
    const drawn = rasterise(content.label, content.size);
    if (!drawn.ok) return drawn;
    const image = cropped(drawn.value, content.cut);
    const { height, width } = image;
    return ok({ is: 'pixels', kind: 'mask', image, original: { height, width } });
  };
}

/** The pixels of an image, decoded now if they have not been. */
export async function pixelsOf(image: SourceImage): Promise<Result<SourcePixels>> {
  switch (image.is) {
    case 'pixels':
      return ok(image);
    case 'coded':
      return await firstFrame(image);
    case 'frame':
      return await framePixels(image);
  }
}

async function firstFrame({
  maxPixels,
  reading,
  ...image
}: Pick<CodedImage, 'kind' | 'bytes' | 'maxPixels' | 'reading'>): Promise<Result<SourcePixels>> {
  const file = await openFile(image, maxPixels, reading);
  if (!file.ok) return file;
  return await framePixels({ kind: image.kind, file: file.value, number: 0 });
}

async function framePixels({
  kind,
  file,
  number,
  range,
}: Omit<OpenedImage, 'is'>): Promise<Result<SourcePixels>> {
  const read = await file.read(number, range);
  if (!read.ok) return read;
  const { image, remarks } = read.value;
  const { height, width } = image;
  return ok({ is: 'pixels', kind, image, original: { height, width }, remarks });
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
 * The first frame of a file as 8-bit grey, whatever its format and its name: `greyOf` says what is
 * black and what is white. Colour profiles are ignored.
 */
export async function decodeImage(
  bytes: Uint8Array,
  options: DecodeOptions,
): Promise<Result<GreyImage>> {
  return await decodeFirst('image', bytes, options);
}

/** A mask file as 0 and 1: `maskOfFrame` says what of it is foreground. */
export async function decodeMask(
  bytes: Uint8Array,
  options: DecodeOptions,
): Promise<Result<GreyImage>> {
  return await decodeFirst('mask', bytes, options);
}

async function decodeFirst(
  kind: ImageFile['kind'],
  bytes: Uint8Array,
  { maxPixels, reading = {} }: DecodeOptions,
): Promise<Result<GreyImage>> {
  const pixels = await firstFrame({ kind, bytes: new Uint8Array(bytes), maxPixels, reading });
  return pixels.ok ? ok(pixels.value.image) : pixels;
}
