import { sharp } from './configured-sharp.js';
import type { GreyImage, GridSize } from './image.js';
import { endsEarly, imageFormat, lacksPixels } from './image-format.js';
import { maskOfBytes } from './mask-of-bytes.js';
import { decodePlainTiff } from './plain-tiff.js';
import { fail, ok, type Result } from './result.js';

export type DecodeCode =
  | 'EMPTY_FILE'
  /** Ends before what it announces: it may still be being written, so waiting can help. */
  | 'TRUNCATED'
  | 'NOT_AN_IMAGE'
  | 'TOO_MANY_PIXELS'
  /** An image, but not of 8 or 16 bit samples. */
  | 'UNSUPPORTED_SAMPLES'
  | 'DECODE_FAILED';

export interface DecodeOptions {
  /** Height x width of the largest image to decode; protects memory from a small file's claim. */
  readonly maxPixels: number;
}

/** Larger images are refused undecoded: 100 megapixels are 400 of Kaggle's. */
export const mostImagePixels = 100_000_000;

/**
 * A TIFF, PNG or JPEG file (whatever its name) as 8-bit grey: the first page of several; 16 bits
 * scaled linearly (65535 is 255), rounded; colour as its luma, 0.299 R + 0.587 G + 0.114 B, which
 * leaves grey stored as RGB or in a palette as it is. Alpha, colour profiles and the EXIF
 * orientation are ignored: pixels as stored, for an image and its mask alike.
 */
export async function decodeImage(
  bytes: Uint8Array,
  options: DecodeOptions,
): Promise<Result<GreyImage, DecodeCode>> {
  const decoded = await decodeSamples(bytes, options);
  return decoded.ok ? ok(greyOf(decoded.value)) : decoded;
}

/**
 * A mask file as 0 and 1. Foreground is what reaches half of the range (128 of 255, 32768 of
 * 65535). Where nothing does, the values are labels (0 and 1, 0 and 2, ...) and every one but 0 is
 * foreground; except in a JPEG, where small values are the noise of its compression. A colour
 * counts by its strongest channel, so a pure red is foreground like white. A 16-bit file that keeps
 * to 0..255 is taken as 8-bit.
 */
export async function decodeMask(
  bytes: Uint8Array,
  options: DecodeOptions,
): Promise<Result<GreyImage, DecodeCode>> {
  const decoded = await decodeSamples(bytes, options);
  return decoded.ok ? ok(maskOf(decoded.value, imageFormat(bytes) !== 'jpeg')) : decoded;
}

/** Samples as stored, interleaved: `stride` a pixel, of which the first `colours` (1 or 3) count. */
interface Samples extends GridSize {
  readonly data: Uint8Array | Uint16Array;
  readonly stride: number;
  readonly colours: 1 | 3;
}

async function decodeSamples(
  bytes: Uint8Array,
  { maxPixels }: DecodeOptions,
): Promise<Result<Samples, DecodeCode>> {
  if (bytes.length === 0) return fail('EMPTY_FILE', 'the file is empty');
  const format = imageFormat(bytes);
  if (format === null) return fail('NOT_AN_IMAGE', 'neither TIFF, PNG nor JPEG');
  const looksIncomplete = `the file looks incomplete after ${bytes.length} bytes`;
  if (format === 'cut-short') return fail('TRUNCATED', looksIncomplete);
  if (lacksPixels(bytes, format)) return fail('TRUNCATED', looksIncomplete);

  const plain = format === 'tiff' ? decodePlainTiff(bytes, maxPixels) : null;
  if (plain !== null) return ok({ ...plain, stride: 1, colours: 1 });
  try {
    const file = sharp(bytes, { failOn: 'error', ignoreIcc: true, limitInputPixels: false });
    const { width, height, depth, space } = await file.metadata();
    if (width * height > maxPixels) {
      const size = `${height}x${width}`;
      return fail('TOO_MANY_PIXELS', `${size} pixels are more than the limit of ${maxPixels}`);
    }
    if (depth !== 'uchar' && depth !== 'ushort') {
      return fail('UNSUPPORTED_SAMPLES', `samples of type ${depth}, not 8 or 16 bit`);
    }
    const wide = depth === 'ushort';
    // Without a target space sharp turns grey into three equal channels.
    const grey = space === 'b-w' || space === 'grey16';
    file.toColourspace(wide ? (grey ? 'grey16' : 'rgb16') : grey ? 'b-w' : 'srgb');
    const { data, info } = await file.raw({ depth }).toBuffer({ resolveWithObject: true });
    return ok({
      height: info.height,
      width: info.width,
      data: wide ? asUint16(data) : new Uint8Array(data.buffer, data.byteOffset, data.length),
      stride: info.channels,
      colours: info.channels >= 3 ? 3 : 1,
    });
  } catch (error) {
    if (endsEarly(bytes, format)) return fail('TRUNCATED', looksIncomplete);
    return fail('DECODE_FAILED', reasonOf(error));
  }
}

function asUint16(data: Buffer): Uint16Array {
  const aligned = data.byteOffset % 2 === 0 ? data : Buffer.from(new Uint8Array(data).buffer);
  return new Uint16Array(aligned.buffer, aligned.byteOffset, aligned.length / 2);
}

/** libvips lists every complaint on a line of its own, some twice. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const lines = text.split('\n').map((line) => line.trim());
  return [...new Set(lines)].filter((line) => line !== '').join('; ');
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

function maskOf(
  { height, width, data, stride, colours }: Samples,
  mayHoldLabels: boolean,
): GreyImage {
  if (stride === 1 && data instanceof Uint8Array) {
    return { height, width, data: maskOfBytes(data, mayHoldLabels) };
  }
  const strengths = colours === 3 ? strongestChannels(data, stride) : data;
  const step = colours === 3 ? 1 : stride;
  const wide = data instanceof Uint16Array;
  let strongest = 0;
  for (let at = 0; at < strengths.length; at += step) {
    if (strengths[at]! > strongest) strongest = strengths[at]!;
  }
  const half = wide && strongest > 255 ? 32768 : 128;
  const least = strongest < half && mayHoldLabels ? 1 : half;
  const mask = new Uint8Array(height * width);
  for (let pixel = 0, at = 0; pixel < mask.length; pixel++, at += step) {
    mask[pixel] = strengths[at]! >= least ? 1 : 0;
  }
  return { height, width, data: mask };
}

function strongestChannels(data: Uint8Array | Uint16Array, stride: number): Uint16Array {
  const strongest = new Uint16Array(data.length / stride);
  for (let pixel = 0, at = 0; pixel < strongest.length; pixel++, at += stride) {
    strongest[pixel] = Math.max(data[at]!, data[at + 1]!, data[at + 2]!);
  }
  return strongest;
}
