import { fail, ok } from '../operators/result.js';
import { type FrameFile, noNotes, type OpenFrames, type PixelSpacing } from './frames.js';
import { inflateHead, inflateVolume } from './inflate-volume.js';
import { tooManyPixels } from './pictures.js';
import { sampleArray } from './sample-array.js';

/** By datatype code: bytes of a value; 1 for unsigned, 2 signed, 3 floating point; values a pixel. */
const types: Readonly<Record<number, readonly [number, number, number?]>> = {
  ...{ 2: [1, 1], 4: [2, 2], 8: [4, 2], 16: [4, 3], 64: [8, 3], 128: [1, 1, 3] },
  ...{ 256: [1, 2], 512: [2, 1], 768: [4, 1], 2304: [1, 1, 4] },
};

export function isNifti(bytes: Uint8Array): boolean {
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  if (isGzip) return true;
  const magic = String.fromCharCode(...bytes.subarray(344, 347));
  return magic === 'n+1' || String.fromCharCode(...bytes.subarray(4, 7)) === 'n+2';
}

/** NIfTI-1 or -2, .nii or .nii.gz: a frame is a slice along z, those of later times after the first. */
export const openNifti: OpenFrames = async (bytes, maxPixels) => {
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const head = isGzip ? inflateHead(bytes) : bytes;
  if (head === null) return fail('DECODE_FAILED', 'what gzip has compressed here cannot be read');
  const header = await readHeader(head);
  if (header === null) {
    return isGzip ? fail('NOT_AN_IMAGE', 'compressed, but no NIfTI inside') : unreadable;
  }
  const { height, width, frames } = header;
  const tooMany = tooManyPixels({ height, width }, maxPixels);
  if (tooMany !== null) return tooMany;
  const type = types[header.datatype];
  if (type === undefined) {
    return fail('UNSUPPORTED_SAMPLES', `NIfTI values of type ${header.datatype} are not read`);
  }
  const [valueBytes, format, stride = 1] = type;
  const frameBytes = height * width * stride * valueBytes;
  const needed = header.start + frames * frameBytes;
  const whole = isGzip ? await inflateVolume(bytes, 'gzip', needed) : ok(bytes);
  if (!whole.ok) return whole;
  if (whole.value.length < needed) {
    return fail('TRUNCATED', `the file looks incomplete after ${bytes.length} bytes`);
  }
  const { littleEndian } = header;
  const file: FrameFile = {
    ...noNotes,
    spacing: header.spacing,
    slope: header.slope,
    intercept: header.intercept,
    frames,
    async frame(number) {
      const start = header.start + number * frameBytes;
      const of = { start, frameBytes, valueBytes, format, littleEndian };
      const data = sampleArray(whole.value, of);
      if (!data.ok) return data;
      const colours = stride >= 3 ? 3 : 1;
      return ok({ height, width, data: data.value, stride, colours, hasAlpha: stride === 4 });
    },
  };
  return ok(file);
};

const unreadable = fail('DECODE_FAILED', 'the NIfTI header cannot be read');

interface Header {
  readonly height: number;
  readonly width: number;
  readonly frames: number;
  readonly datatype: number;
  readonly start: number;
  readonly littleEndian: boolean;
  readonly slope: number;
  readonly intercept: number;
  readonly spacing: PixelSpacing | null;
}

async function readHeader(head: Uint8Array): Promise<Header | null> {
  const { isNIFTI, readHeader: read } = await import('nifti-reader-js');
  try {
    // A NIfTI-2 header has 540 bytes, and what reads it looks at extensions behind it.
    const own = new Uint8Array(Math.max(1024, Math.min(head.length, 65_536)));
    own.set(head.subarray(0, own.length));
    const header = isNIFTI(own.buffer) ? read(own.buffer) : null;
    if (header === null) return null;
    const [, width = 1, height = 1, ...others] = header.dims.slice(0, header.dims[0]! + 1);
    const frames = others.reduce((product, count) => product * Math.max(1, count), 1);
    const isPlausible = [width, height, frames].every((n) => Number.isSafeInteger(n) && n > 0);
    if (!isPlausible || !(header.vox_offset >= 0)) return null;
    const slope = Number.isFinite(header.scl_slope) ? header.scl_slope : 0;
    return {
      height,
      width,
      frames,
      datatype: header.datatypeCode,
      start: header.vox_offset,
      littleEndian: header.littleEndian,
      // 0 says that there is none.
      slope: slope === 0 ? 1 : slope,
      intercept: slope === 0 ? 0 : header.scl_inter,
      spacing: spacingOf(header.pixDims, header.xyzt_units & 7),
    };
  } catch {
    return null;
  }
}

/** By the code of the unit: none, metre, millimetre, micrometre. */
const millimetres = [1, 1000, 1, 0.001];

/** Without a unit a pixel of 1 x 1 is what programs write that know none. */
function spacingOf([, across = 0, down = 0]: readonly number[], unit: number): PixelSpacing | null {
  const length = millimetres[unit];
  const isUnsaid = unit === 0 && across === 1 && down === 1;
  if (length === undefined || isUnsaid || !(across > 0) || !(down > 0)) return null;
  return { rowMm: down * length, columnMm: across * length };
}
