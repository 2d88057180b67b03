import type { GreyImage, GridSize } from './image.js';
import { KernelImage, mostKernelPixels } from './kernels/pixel-kernels.js';
import type { ResizedImage } from './source-image.js';
import { readTiffDirectory, type TiffDirectory, uncompressed } from './tiff-directory.js';

const lzw = 5;
const blackIsZero = 1;
const horizontalDifferences = 2;

/**
 * The TIFF that ultrasound images usually are: 8-bit grey in strips, as it is or LZW. Decoded here
 * it costs a fifth of a trip through libvips. Null for every other one and for whatever is not just
 * as it should be: libvips then has the word, and says what is wrong.
 */
export function decodePlainTiff(bytes: Uint8Array, maxPixels: number): GreyImage | null {
  return withPixels(bytes, maxPixels, (image) => image.copy());
}

/**
 * Of such a TIFF the very pixels that `decodeImage` and `resizeImage`, or `decodeMask` and
 * `resizeMask`, would make of it, without a copy in between; null too for a mask that takes a closer
 * look.
 */
export function resizePlainTiff(
  bytes: Uint8Array,
  kind: 'image' | 'mask',
  size: GridSize,
  maxPixels: number,
): ResizedImage | null {
  return withPixels(bytes, maxPixels, (image, { height, width }) => {
    if (kind === 'mask' && !image.toMask()) return null;
    const resized = image.resized(size);
    return resized && { originalHeight: height, originalWidth: width, pixels: resized.data };
  });
}

/** One that has grown beyond this for a large image is not kept, in bytes. */
const keptBytes = 4 * 1024 * 1024;
let kept: KernelImage | undefined;

function withPixels<T>(
  bytes: Uint8Array,
  maxPixels: number,
  use: (image: KernelImage, original: GridSize) => T | null,
): T | null {
  const directory = readTiffDirectory(bytes);
  if (directory === null || !isPlain(directory)) return null;
  const { width, height } = directory;
  const count = width * height;
  if (count > Math.min(maxPixels, mostKernelPixels) || count === 0) return null;
  const image = kept ?? new KernelImage();
  try {
    image.begin(directory);
    return fillIn(image, bytes, directory) ? use(image, { height, width }) : null;
  } finally {
    kept = image.size > keptBytes ? undefined : image;
  }
}

/** False where a strip is missing or is not as it should be. */
function fillIn(image: KernelImage, bytes: Uint8Array, directory: TiffDirectory): boolean {
  const { width, height, rowsPerStrip, offsets, byteCounts, compression } = directory;
  const strips = Math.ceil(height / rowsPerStrip);
  if (offsets.length !== strips || byteCounts.length !== strips) return false;
  for (let strip = 0; strip < strips; strip++) {
    const start = offsets[strip]!;
    const coded = bytes.subarray(start, start + byteCounts[strip]!);
    if (coded.length !== byteCounts[strip]) return false;
    const from = strip * rowsPerStrip * width;
    const to = Math.min(width * height, from + rowsPerStrip * width);
    if (compression === uncompressed) {
      if (coded.length < to - from) return false;
      image.fill(coded, from, to);
    } else {
      // Twelve bits a pixel at most, and now and then a clear code: more is only taken into memory.
      const needed = coded.subarray(0, 2 * (to - from) + 16);
      if (countsFromLowestBit(coded) || !image.fillFromLzw(needed, from, to)) return false;
    }
  }
  if (compression === lzw && directory.predictor === horizontalDifferences) image.addUp();
  return true;
}

/** As LZW of old files does; a clear code, the first of all, tells. */
function countsFromLowestBit(coded: Uint8Array): boolean {
  return coded[0] === 0 && (coded[1]! & 1) === 1;
}

function isPlain(directory: TiffDirectory): boolean {
  const { bits, samples, photometric, fillOrder, compression, predictor } = directory;
  const isGrey = bits === 8 && samples === 1 && photometric === blackIsZero && fillOrder === 1;
  if (!isGrey || directory.rowsPerStrip === 0) return false;
  return (
    compression === uncompressed || (compression === lzw && (predictor === 1 || predictor === 2))
  );
}
