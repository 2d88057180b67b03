import type { DataSet } from 'dicom-parser';
import { fail, ok, type Result } from '../../operators/result.js';
import type { DecodeCode } from '../frames.js';

const photometrics = [
  'MONOCHROME1',
  'MONOCHROME2',
  'PALETTE COLOR',
  'RGB',
  'YBR_FULL',
  'YBR_FULL_422',
  'YBR_RCT',
  'YBR_ICT',
] as const;

export type Photometric = (typeof photometrics)[number];

/** How the pixels of a DICOM file are laid out; the same for each of its frames. */
export interface ImageHeader {
  readonly frames: number;
  readonly height: number;
  readonly width: number;
  /** Values a pixel: 1, or 3 for colour. */
  readonly samples: 1 | 3;
  readonly photometric: Photometric;
  /** Plane by plane, not pixel by pixel. */
  readonly isPlanar: boolean;
  /** Bits that a value takes up. */
  readonly bitsAllocated: 8 | 16 | 32;
  /** Bits of a value that count, up to `highBit`, from 0. */
  readonly bitsStored: number;
  readonly highBit: number;
  readonly isSigned: boolean;
}

/** Reads and checks the header; no frame may have more than `maxPixels` (height x width). */
export function readImageHeader(
  dataSet: DataSet,
  maxPixels: number,
): Result<ImageHeader, DecodeCode> {
  const height = dataSet.uint16('x00280010') ?? 0;
  const width = dataSet.uint16('x00280011') ?? 0;
  if (!('x7fe00010' in dataSet.elements)) return withoutPixels(dataSet, height);
  if (height === 0 || width === 0) return fail('DECODE_FAILED', 'DICOM without rows or columns');
  if (height * width > maxPixels) {
    const size = `${height}x${width}`;
    return fail('TOO_MANY_PIXELS', `${size} pixels are more than the limit of ${maxPixels}`);
  }

  const bitsAllocated = dataSet.uint16('x00280100') ?? 0;
  if (bitsAllocated !== 8 && bitsAllocated !== 16 && bitsAllocated !== 32) {
    return fail('UNSUPPORTED_SAMPLES', `DICOM of ${bitsAllocated} bits, not 8, 16 or 32`);
  }
  const samples = dataSet.uint16('x00280002') ?? 1;
  const words = dataSet.string('x00280004');
  const photometric = photometrics.find((known) => known === words);
  if (photometric === undefined) {
    const known = photometrics.join(', ');
    return fail(
      'UNSUPPORTED_SAMPLES',
      `DICOM whose colours are none of ${known}: export it as RGB`,
    );
  }
  const expected = isGreyOrPalette(photometric) ? 1 : 3;
  if (samples !== expected) {
    return fail('DECODE_FAILED', `${photometric} of ${samples} values a pixel, not ${expected}`);
  }

  const bitsStored = dataSet.uint16('x00280101') || bitsAllocated;
  const highBit = dataSet.uint16('x00280102') ?? bitsStored - 1;
  if (bitsStored > bitsAllocated || highBit >= bitsAllocated || highBit + 1 < bitsStored) {
    const what = `${bitsStored} bits up to bit ${highBit} of ${bitsAllocated}`;
    return fail('DECODE_FAILED', `the DICOM header contradicts itself: ${what}`);
  }
  return ok({
    frames: Math.max(1, dataSet.intString('x00280008') || 1),
    height,
    width,
    samples: expected,
    photometric,
    isPlanar: expected === 3 && dataSet.uint16('x00280006') === 1,
    bitsAllocated,
    bitsStored,
    highBit,
    isSigned: dataSet.uint16('x00280103') === 1,
  });
}

function isGreyOrPalette(photometric: Photometric): boolean {
  return photometric.startsWith('MONOCHROME') || photometric === 'PALETTE COLOR';
}

function withoutPixels(dataSet: DataSet, height: number): Result<never, DecodeCode> {
  if ('x7fe00008' in dataSet.elements || 'x7fe00009' in dataSet.elements) {
    return fail('UNSUPPORTED_SAMPLES', 'DICOM of floating-point pixels: export it as integers');
  }
  // Pixels come last: a picture without them is one whose end is missing.
  return height > 0
    ? fail('TRUNCATED', 'the file looks incomplete: it ends before its pixels')
    : fail('NOT_AN_IMAGE', 'DICOM without a picture');
}
