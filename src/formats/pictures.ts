import { sharp } from '../operators/configured-sharp.js';
import { fail, ok, type Result } from '../operators/result.js';
import type { DecodeCode } from './frames.js';
import {
  type Frame,
  type FrameFile,
  noNotes,
  type OpenFrames,
  type SampleArray,
} from './frames.js';

const arrays: Readonly<Record<string, (buffer: ArrayBuffer) => SampleArray>> = {
  uchar: (buffer) => new Uint8Array(buffer),
  ushort: (buffer) => new Uint16Array(buffer),
  char: (buffer) => new Int8Array(buffer),
  short: (buffer) => new Int16Array(buffer),
  uint: (buffer) => new Uint32Array(buffer),
  int: (buffer) => new Int32Array(buffer),
  float: (buffer) => new Float32Array(buffer),
  double: (buffer) => new Float64Array(buffer),
};

/** PNG and JPEG, of which a turned JPEG comes as it is meant to be seen, so that it lies on its mask. */
export const openPicture: OpenFrames = async (bytes, maxPixels) => {
  const isLossy = bytes[0] === 0xff;
  const file: FrameFile = {
    ...noNotes,
    isLossy,
    frames: 1,
    frame: () => sharpFrame(bytes, { page: 0, maxPixels, isTurned: true }),
  };
  return ok(file);
};

interface SharpPage {
  readonly page: number;
  readonly maxPixels: number;
  /** Whether an EXIF orientation counts. */
  readonly isTurned?: boolean;
}

/**
 * A page of what libvips reads, its values as stored; grey as one channel, colour as three, and the
 * opacity where there is one.
 */
export async function sharpFrame(
  bytes: Uint8Array,
  { page, maxPixels, isTurned = false }: SharpPage,
): Promise<Result<Frame, DecodeCode>> {
  try {
    const given = { failOn: 'error', ignoreIcc: true, limitInputPixels: false } as const;
    const file = sharp(bytes, page === 0 ? given : { ...given, page });
    const { width, height, depth, space } = await file.metadata();
    const tooMany = tooManyPixels({ height, width }, maxPixels);
    if (tooMany !== null) return tooMany;
    const toArray = arrays[depth];
    if (toArray === undefined) {
      return fail('UNSUPPORTED_SAMPLES', `samples of type ${depth} are not read`);
    }
    // Without a target space sharp turns grey into three equal channels.
    const isGrey = space === 'b-w' || space === 'grey16';
    const wide = depth !== 'uchar';
    // Others would be cut to whole numbers of 16 bits.
    const isUsual = depth === 'uchar' || depth === 'ushort';
    if (isTurned) file.autoOrient();
    if (isUsual) file.toColourspace(wide ? (isGrey ? 'grey16' : 'rgb16') : isGrey ? 'b-w' : 'srgb');
    const { data, info } = await file.raw({ depth }).toBuffer({ resolveWithObject: true });
    const own = data.buffer.slice(data.byteOffset, data.byteOffset + data.length) as ArrayBuffer;
    const stride = info.channels;
    return ok({
      height: info.height,
      width: info.width,
      data: toArray(own),
      stride,
      colours: stride >= 3 ? 3 : 1,
      hasAlpha: stride === 2 || stride === 4,
    });
  } catch (error) {
    return fail('DECODE_FAILED', reasonOf(error));
  }
}

export function tooManyPixels(
  { height, width }: { readonly height: number; readonly width: number },
  maxPixels: number,
): Result<never, 'TOO_MANY_PIXELS'> | null {
  if (height * width <= maxPixels) return null;
  const size = `${height}x${width}`;
  return fail('TOO_MANY_PIXELS', `${size} pixels are more than the limit of ${maxPixels}`);
}

/** libvips lists every complaint on a line of its own, some twice. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const lines = text.split('\n').map((line) => line.trim());
  return [...new Set(lines)].filter((line) => line !== '').join('; ');
}
