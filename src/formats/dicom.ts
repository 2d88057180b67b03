import type { DataSet } from 'dicom-parser';
import { fail, ok, type Result } from '../operators/result.js';
import { type FrameCodec, frameCodec } from './dicom/compressed.js';
import {
  explicitBigEndian,
  explicitLittleEndian,
  implicitLittleEndian,
  readDataSet,
  transferSyntaxOf,
} from './dicom/data-set.js';
import { codedFrames, type FrameBytes, plainFrames } from './dicom/frame-bytes.js';
import { plainValues, type StoredFrame, toFrame } from './dicom/frame-values.js';
import { type ImageHeader, readImageHeader } from './dicom/image-header.js';
import { readNotes } from './dicom/notes.js';
import { type Palette, readPalette } from './dicom/palette.js';
import { decodeRle } from './dicom/rle.js';
import type { DecodeCode, FrameFile, OpenFrames } from './frames.js';

export { isDicom } from './dicom/data-set.js';

/**
 * A DICOM file, a single picture or a loop. Modality and VOI look-up tables are left aside: the
 * rescale slope, its intercept and the first window are what a file says of its grey. No message
 * holds a word of the header but what it says of the pixels.
 */
export const openDicom: OpenFrames = async ({ buffer, byteOffset, length }, maxPixels) => {
  // No Buffer, whose slices are no copies.
  const bytes = new Uint8Array(buffer, byteOffset, length);
  const parsed = readDataSet(bytes);
  if (!parsed.ok) return parsed;
  const dataSet = parsed.value;
  const read = readImageHeader(dataSet, maxPixels);
  if (!read.ok) return read;
  const header = read.value;

  const palette =
    header.photometric === 'PALETTE COLOR' ? readPalette(dataSet, header.isSigned) : ok(null);
  if (!palette.ok) return palette;
  const decoder = frameDecoder(dataSet, header, transferSyntaxOf(dataSet));
  if (!decoder.ok) return decoder;

  const file: FrameFile = {
    ...readNotes(dataSet, header),
    frames: header.frames,
    bits: usedBits(header, palette.value),
    frame: async (number) => {
      if (!(number >= 0 && number < header.frames)) {
        return fail('DECODE_FAILED', `there is no frame ${number} of ${header.frames}`);
      }
      const stored = await decoder.value(number);
      return stored.ok ? ok(toFrame(stored.value, header, palette.value)) : stored;
    },
  };
  return ok(file);
};

function usedBits({ bitsStored }: ImageHeader, palette: Palette | null): number {
  if (palette === null) return bitsStored;
  return palette.tables[0] instanceof Uint16Array ? 16 : 8;
}

type FrameDecoder = (number: number) => Promise<Result<StoredFrame, DecodeCode>>;

const rleLossless = '1.2.840.10008.1.2.5';
const plainSyntaxes = [implicitLittleEndian, explicitLittleEndian, explicitBigEndian];

function frameDecoder(
  dataSet: DataSet,
  header: ImageHeader,
  syntax: string,
): Result<FrameDecoder, DecodeCode> {
  if (plainSyntaxes.includes(syntax)) {
    const frames = plainFrames(dataSet, header);
    if (!frames.ok) return frames;
    const isBigEndian = syntax === explicitBigEndian;
    return ok(async (number) => ok(plainValues(frames.value(number), header, isBigEndian)));
  }
  const codec = frameCodec(syntax);
  if (codec === undefined && syntax !== rleLossless) return unsupported(syntax);
  const frames = codedFrames(dataSet, header);
  if (!frames.ok) return frames;
  if (codec === undefined) return ok(async (number) => fromRle(frames.value, number, header));
  return ok((number) => fromCodec(codec, frames.value, number, header));
}

function fromRle(
  frames: FrameBytes,
  number: number,
  { height, width, samples, bitsAllocated, photometric }: ImageHeader,
): Result<StoredFrame, DecodeCode> {
  const bytesPerSample = bitsAllocated === 8 ? 1 : bitsAllocated === 16 ? 2 : 4;
  const data = decodeRle(frames(number), height * width, samples, bytesPerSample);
  if (data === null) return damaged('run lengths', number);
  return ok({ data, isPlanar: false, photometric });
}

async function fromCodec(
  codec: FrameCodec,
  frames: FrameBytes,
  number: number,
  header: ImageHeader,
): Promise<Result<StoredFrame, DecodeCode>> {
  const { height, width, samples, photometric } = header;
  const bytes = frames(number);
  const size = codec.sizeOf(bytes);
  if (size === null) return damaged(codec.name, number);
  if (size.height !== height || size.width !== width || size.components !== samples) {
    const said = `${size.height}x${size.width}x${size.components}`;
    const expected = `${height}x${width}x${samples}`;
    return fail('DECODE_FAILED', `frame ${number} is ${said}, but the header says ${expected}`);
  }
  if (size.precision > codec.mostBits(samples)) {
    const what = `${codec.name} of ${size.precision} bits and ${samples} component(s)`;
    return fail('UNSUPPORTED_SAMPLES', `${what} cannot be read: ${howToConvert}`);
  }
  try {
    const { data, isPlanar, isRgb } = await codec.decode(bytes, size, photometric === 'RGB');
    if (data.length < height * width * samples) return damaged(codec.name, number);
    return ok({ data, isPlanar, photometric: isRgb && samples === 3 ? 'RGB' : photometric });
  } catch {
    return damaged(codec.name, number);
  }
}

function damaged(what: string, number: number): Result<never, DecodeCode> {
  return fail('DECODE_FAILED', `the ${what} of frame ${number} (from 0) is damaged`);
}

const howToConvert =
  'write it uncompressed first, e.g. with `gdcmconv --raw in.dcm out.dcm` or `dcmdjpeg`';

function unsupported(syntax: string): Result<never, DecodeCode> {
  // A syntax of DICOM's own, so that nobody's words get into a message.
  const isKnown = /^1\.2\.840\.10008\.1\.2(\.\d{1,3}){1,3}$/.test(syntax);
  if (isKnown && /^1\.2\.840\.10008\.1\.2\.4\.10\d/.test(syntax)) {
    return fail('UNSUPPORTED_SAMPLES', 'DICOM of a video (MPEG): export it as single frames');
  }
  const what = isKnown ? `the transfer syntax ${syntax}` : 'a private transfer syntax';
  return fail('UNSUPPORTED_SAMPLES', `DICOM of ${what} cannot be read: ${howToConvert}`);
}
