import type { GreyImage, GridSize } from './image.js';
import { KernelImage, mostKernelPixels } from './kernels/pixel-kernels.js';
import type { ResizedImage } from './source-image.js';

/** Of the directory, what decides the pixels. */
interface Directory {
  width: number;
  height: number;
  bits: number;
  compression: number;
  photometric: number;
  samples: number;
  rowsPerStrip: number;
  predictor: number;
  fillOrder: number;
  offsets: readonly number[];
  byteCounts: readonly number[];
}

const uncompressed = 1;
const lzw = 5;
const blackIsZero = 1;
const horizontalDifferences = 2;

/** They say nothing about the pixels: titles, resolutions, dates, profiles, XMP, Exif and the like. */
const silentTags = new Set([
  254, 255, 269, 270, 271, 272, 274, 282, 283, 284, 285, 296, 297, 305, 306, 315, 316, 700, 33723,
  34377, 34665, 34675,
]);
const bytesOfType: Readonly<Record<number, number>> = { 3: 2, 4: 4 };

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
 * `resizeMask`, would make of it, without a copy in between.
 */
export function resizePlainTiff(
  bytes: Uint8Array,
  kind: 'image' | 'mask',
  size: GridSize,
  maxPixels: number,
): ResizedImage | null {
  return withPixels(bytes, maxPixels, (image, { height, width }) => {
    if (kind === 'mask') image.toMask();
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
  const directory = readDirectory(bytes);
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
function fillIn(image: KernelImage, bytes: Uint8Array, directory: Directory): boolean {
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

function isPlain(directory: Directory): boolean {
  const { bits, samples, photometric, fillOrder, compression, predictor } = directory;
  const isGrey = bits === 8 && samples === 1 && photometric === blackIsZero && fillOrder === 1;
  if (!isGrey || directory.rowsPerStrip === 0) return false;
  return (
    compression === uncompressed || (compression === lzw && (predictor === 1 || predictor === 2))
  );
}

/** The first directory of a classic TIFF, or null where anything about it is out of the ordinary. */
function readDirectory(bytes: Uint8Array): Directory | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = bytes[0] === 0x49;
  if (bytes.length < 14 || view.getUint16(2, little) !== 42) return null;
  const start = view.getUint32(4, little);
  if (start + 2 > bytes.length) return null;
  const entries = view.getUint16(start, little);
  if (start + 2 + entries * 12 > bytes.length) return null;

  const directory: Directory = {
    width: 0,
    height: 0,
    bits: 1,
    compression: uncompressed,
    photometric: -1,
    samples: 1,
    rowsPerStrip: -1,
    predictor: 1,
    fillOrder: 1,
    offsets: [],
    byteCounts: [],
  };
  for (let index = 0, before = 0; index < entries; index++) {
    const entry = start + 2 + index * 12;
    const tag = view.getUint16(entry, little);
    // Ascending, each once.
    if (tag <= before) return null;
    before = tag;
    if (silentTags.has(tag)) continue;
    const values = valuesOf(view, entry, little);
    if (values === null) return null;
    const [value] = values;
    if (value === undefined) return null;
    const isList = tag === 273 || tag === 279;
    if (!isList && values.length !== 1) return null;
    switch (tag) {
      case 256:
        directory.width = value;
        break;
      case 257:
        directory.height = value;
        break;
      case 258:
        directory.bits = value;
        break;
      case 259:
        directory.compression = value;
        break;
      case 262:
        directory.photometric = value;
        break;
      case 266:
        directory.fillOrder = value;
        break;
      case 273:
        directory.offsets = values;
        break;
      case 277:
        directory.samples = value;
        break;
      case 278:
        directory.rowsPerStrip = value;
        break;
      case 279:
        directory.byteCounts = values;
        break;
      case 317:
        directory.predictor = value;
        break;
      case 339:
        // Unsigned integers.
        if (value !== 1) return null;
        break;
      default:
        return null;
    }
  }
  const { height, rowsPerStrip } = directory;
  directory.rowsPerStrip = rowsPerStrip === -1 ? height : Math.min(rowsPerStrip, height);
  return directory;
}

function valuesOf(view: DataView, entry: number, little: boolean): number[] | null {
  const size = bytesOfType[view.getUint16(entry + 2, little)];
  const count = view.getUint32(entry + 4, little);
  if (size === undefined || count * size > view.byteLength) return null;
  const at = count * size <= 4 ? entry + 8 : view.getUint32(entry + 8, little);
  if (at + count * size > view.byteLength) return null;
  return Array.from({ length: count }, (_, nth) =>
    size === 2 ? view.getUint16(at + 2 * nth, little) : view.getUint32(at + 4 * nth, little),
  );
}
