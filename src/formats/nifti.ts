import { fail, ok } from '../operators/result.js';
import { type FrameFile, noNotes, type OpenFrames } from './frames.js';
import { tooManyPixels } from './pictures.js';
import { valuesOf } from './tiff.js';

/** By datatype code: bytes of a value, and 1 for unsigned, 2 signed, 3 floating point. */
const types: Readonly<Record<number, readonly [number, number]>> = {
  2: [1, 1],
  4: [2, 2],
  8: [4, 2],
  16: [4, 3],
  64: [8, 3],
  256: [1, 2],
  512: [2, 1],
  768: [4, 1],
};
const rgb24 = 128;

export function isNifti(bytes: Uint8Array): boolean {
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  if (isGzip) return true;
  const magic = String.fromCharCode(...bytes.subarray(344, 347));
  return magic === 'n+1' || String.fromCharCode(...bytes.subarray(4, 7)) === 'n+2';
}

/** NIfTI-1 or -2, .nii or .nii.gz: a frame is a slice along z, those of later times after the first. */
export const openNifti: OpenFrames = async (bytes, maxPixels) => {
  const nifti = await import('nifti-reader-js');
  const own = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
  let whole: ArrayBuffer;
  try {
    whole = nifti.isCompressed(own) ? (nifti.decompress(own) as ArrayBuffer) : own;
  } catch {
    return fail('TRUNCATED', `the file looks incomplete after ${bytes.length} bytes`);
  }
  if (!nifti.isNIFTI(whole)) return fail('NOT_AN_IMAGE', 'compressed, but no NIfTI inside');
  const header = nifti.readHeader(whole);
  if (header === null) return fail('DECODE_FAILED', 'the NIfTI header cannot be read');
  const [, width = 1, height = 1, ...others] = header.dims.slice(0, header.dims[0]! + 1);
  const frames = others.reduce((product, count) => product * Math.max(1, count), 1);
  const tooMany = tooManyPixels({ height, width }, maxPixels);
  if (tooMany !== null) return tooMany;
  const isColour = header.datatypeCode === rgb24;
  const type = isColour ? ([1, 1] as const) : types[header.datatypeCode];
  if (type === undefined) {
    return fail('UNSUPPORTED_SAMPLES', `NIfTI values of type ${header.datatypeCode} are not read`);
  }
  const [valueBytes, format] = type;
  const stride = isColour ? 3 : 1;
  const frameBytes = height * width * stride * valueBytes;
  const start = header.vox_offset;
  if (start + frames * frameBytes > whole.byteLength) {
    return fail('TRUNCATED', `the file looks incomplete after ${bytes.length} bytes`);
  }
  const [, columnMm = 0, rowMm = 0] = header.pixDims;
  const file: FrameFile = {
    ...noNotes,
    spacing: columnMm > 0 && rowMm > 0 ? { rowMm, columnMm } : null,
    slope: header.scl_slope || 1,
    intercept: header.scl_slope ? header.scl_inter : 0,
    frames,
    async frame(number) {
      const at = start + number * frameBytes;
      const little = header.littleEndian;
      const data = valuesOf(whole.slice(at, at + frameBytes), { valueBytes, format, little });
      return ok({ height, width, data, stride, colours: isColour ? 3 : 1, hasAlpha: false });
    },
  };
  return ok(file);
};
