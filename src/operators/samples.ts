import { sharp } from './configured-sharp.js';
import type { GridSize } from './image.js';
import { endsEarly, imageFormat, lacksPixels } from './image-format.js';
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

/** Samples as stored, interleaved: `stride` a pixel, of which the first `colours` (1 or 3) count. */
export interface Samples extends GridSize {
  readonly data: Uint8Array | Uint16Array;
  readonly stride: number;
  readonly colours: 1 | 3;
}

/** Whatever format the bytes are of, whatever the name says; plain grey TIFFs without libvips. */
export async function decodeSamples(
  bytes: Uint8Array,
  maxPixels: number,
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
