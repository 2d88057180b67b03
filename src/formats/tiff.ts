import type { GeoTIFFImage } from 'geotiff';
import { fail, ok, type Result } from '../operators/result.js';
import type { DecodeCode } from './frames.js';
import {
  type Frame,
  type FrameFile,
  noNotes,
  type OpenFrames,
  type SampleArray,
} from './frames.js';
import { sharpFrame, tooManyPixels } from './pictures.js';
import { spacingOfResolution } from './tiff-spacing.js';

const whiteIsZero = 0;
const blackIsZero = 1;
const rgb = 2;

/**
 * A TIFF of any sample type, a frame a page; an ImageJ stack that describes its pages only in words
 * is one too. libvips decodes 8 and 16 bits, and what nobody else here can; geotiff has what libvips
 * refuses: 64-bit values, and pages of several types.
 */
export const openTiff: OpenFrames = async (bytes, maxPixels) => {
  const { fromArrayBuffer } = await import('geotiff');
  const own = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
  try {
    const tiff = await fromArrayBuffer(own);
    const pages = await tiff.getImageCount();
    const first = await tiff.getImage(0);
    const stack = pages === 1 ? stackIn(first, own) : null;
    const file: FrameFile = {
      ...noNotes,
      spacing: spacingOf(first),
      isInverted: tagOf(first, 'PhotometricInterpretation') === whiteIsZero,
      frames: stack?.frames ?? pages,
      async frame(number) {
        if (stack !== null) return stack.frame(number);
        return await pageOf(await tiff.getImage(number), { bytes, page: number, maxPixels });
      },
    };
    return ok(file);
  } catch (error) {
    return await openElsewhere(bytes, maxPixels, error as Error);
  }
};

/** What geotiff cannot make out may still be one page for libvips. */
async function openElsewhere(
  bytes: Uint8Array,
  maxPixels: number,
  { message }: Error,
): Promise<Result<FrameFile, DecodeCode>> {
  const read = await sharpFrame(bytes, { page: 0, maxPixels });
  if (!read.ok)
    return read.failure.code === 'DECODE_FAILED' ? fail('DECODE_FAILED', message) : read;
  return ok({ ...noNotes, frames: 1, frame: async () => read });
}

interface Page {
  readonly bytes: Uint8Array;
  readonly page: number;
  readonly maxPixels: number;
}

async function pageOf(image: GeoTIFFImage, from: Page): Promise<Result<Frame, DecodeCode>> {
  const size = { height: image.getHeight(), width: image.getWidth() };
  const tooMany = tooManyPixels(size, from.maxPixels);
  if (tooMany !== null) return tooMany;
  const bits = Number(image.getBitsPerSample());
  const photometric = tagOf(image, 'PhotometricInterpretation');
  const isWhole = image.getSampleFormat() === 1 && bits <= 16;
  if (isWhole) {
    const read = await sharpFrame(from.bytes, from);
    // libvips turns such values round; here they are as stored.
    if (read.ok) return ok(photometric === whiteIsZero ? asStored(read.value) : read.value);
  }
  const isPlain = photometric === whiteIsZero || photometric === blackIsZero || photometric === rgb;
  if (!isPlain) return await sharpFrame(from.bytes, from);
  try {
    const data = (await image.readRasters({ interleave: true })) as unknown as SampleArray;
    const stride = image.getSamplesPerPixel();
    const colours = stride >= 3 ? 3 : 1;
    return ok({ ...size, data, stride, colours, hasAlpha: stride === 2 || stride === 4 });
  } catch (error) {
    return fail('DECODE_FAILED', (error as Error).message);
  }
}

function asStored(frame: Frame): Frame {
  const most = frame.data instanceof Uint16Array ? 65535 : 255;
  return { ...frame, data: frame.data.map((value) => most - value) as typeof frame.data };
}

/** A stack that ImageJ wrote as one page, its other pages right behind it. */
function stackIn(image: GeoTIFFImage, bytes: ArrayBuffer) {
  const description = String(tagOf(image, 'ImageDescription') ?? '');
  const frames = Number(/^images=(\d+)$/m.exec(description)?.[1] ?? 1);
  if (!description.startsWith('ImageJ=') || frames < 2) return null;
  const [start] = [tagOf(image, 'StripOffsets') ?? 0].flat() as number[];
  const { height, width } = { height: image.getHeight(), width: image.getWidth() };
  const valueBytes = Number(image.getBitsPerSample()) / 8;
  const frameBytes = height * width * valueBytes * image.getSamplesPerPixel();
  if (!Number.isInteger(valueBytes) || tagOf(image, 'Compression') !== 1) return null;
  const little = image.littleEndian;
  return {
    frames,
    frame(number: number): Result<Frame, DecodeCode> {
      const at = start! + number * frameBytes;
      if (at + frameBytes > bytes.byteLength) {
        return fail('TRUNCATED', `the file looks incomplete after ${bytes.byteLength} bytes`);
      }
      const stride = image.getSamplesPerPixel();
      const format = image.getSampleFormat();
      const data = valuesOf(bytes.slice(at, at + frameBytes), { valueBytes, format, little });
      return ok({ height, width, data, stride, colours: stride >= 3 ? 3 : 1, hasAlpha: false });
    },
  };
}

/** Values as stored: `format` 1 is unsigned, 2 signed, 3 floating point. */
export function valuesOf(
  bytes: ArrayBuffer,
  { valueBytes, format, little }: { valueBytes: number; format: number; little: boolean },
): SampleArray {
  if (valueBytes > 1 && !little) Buffer.from(bytes)[`swap${(valueBytes * 8) as 16 | 32 | 64}`]();
  const types = {
    1: { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array },
    2: { 1: Int8Array, 2: Int16Array, 4: Int32Array },
    3: { 4: Float32Array, 8: Float64Array },
  } as Readonly<Record<number, Readonly<Record<number, new (buffer: ArrayBuffer) => SampleArray>>>>;
  const Type = types[format]?.[valueBytes];
  if (Type === undefined) throw new Error(`values of ${valueBytes} bytes are not read`);
  return new Type(bytes);
}

function spacingOf(image: GeoTIFFImage) {
  const resolution = (name: string) => {
    const value = tagOf(image, name) as readonly number[] | undefined;
    return value === undefined ? 0 : value[0]! / value[1]!;
  };
  return spacingOfResolution(
    resolution('XResolution'),
    resolution('YResolution'),
    Number(tagOf(image, 'ResolutionUnit') ?? 2),
    String(tagOf(image, 'ImageDescription') ?? ''),
  );
}

function tagOf(image: GeoTIFFImage, name: string): unknown {
  return image.fileDirectory.hasTag(name as never)
    ? image.fileDirectory.getValue(name as never)
    : undefined;
}
