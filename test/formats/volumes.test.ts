import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Grey } from '../../src/formats/grey-values.js';
import { openFrames } from '../../src/formats/open-frames.js';
import { gradient, gradientSize } from '../support/gradient.js';
import { readGrey, summaryOf } from '../support/read-grey.js';
import { bytesOfValues } from '../support/tiff-pages.js';

const { height, width } = gradientSize;
const four = [...gradient, ...gradient, ...gradient, ...gradient];
const bytes16 = (isBig = false) =>
  bytesOfValues(
    Int16Array.from(four, (value) => value * 16),
    { isBig },
  );
const twelveBits = { mean: 127.03, levels: 70, taken: '12 bits' };

interface NiftiFields {
  readonly isBig?: boolean;
  /** 2 x 2 frames: slices and times. */
  readonly dimensions?: readonly number[];
  readonly datatype?: number;
  readonly pixelSize?: readonly [number, number];
  /** 0 unknown, 1 metre, 2 millimetre, 3 micrometre. */
  readonly unit?: number;
}

function nifti(values: Uint8Array, fields: NiftiFields = {}): Uint8Array<ArrayBuffer> {
  const { isBig = false, dimensions = [width, height, 2, 2], datatype = 4 } = fields;
  const { pixelSize = [0.1, 0.2], unit = 2 } = fields;
  const little = !isBig;
  const header = new DataView(new ArrayBuffer(352));
  header.setInt32(0, 348, little);
  header.setInt16(40, dimensions.length, little);
  for (const [nth, count] of dimensions.entries()) header.setInt16(42 + 2 * nth, count, little);
  header.setInt16(70, datatype, little);
  header.setInt16(72, 16, little);
  for (const [nth, size] of pixelSize.entries()) header.setFloat32(80 + 4 * nth, size, little);
  header.setFloat32(108, 352, little);
  header.setUint8(123, unit);
  new Uint8Array(header.buffer).set(Buffer.from('n+1\0'), 344);
  return Uint8Array.from(Buffer.concat([new Uint8Array(header.buffer), values]));
}

function nrrd(values: Uint8Array, fields: Readonly<Record<string, string>> = {}): Uint8Array {
  const all = {
    type: 'int16',
    dimension: '4',
    sizes: `${width} ${height} 2 2`,
    spacings: '0.1 0.2 1 1',
    endian: 'little',
    encoding: 'raw',
    ...fields,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\n`);
  return Buffer.concat([Buffer.from(`NRRD0004\n# made here\n${lines.join('')}\n`), values]);
}

function mha(values: Uint8Array, fields: Readonly<Record<string, string>> = {}): Uint8Array {
  const all = {
    ObjectType: 'Image',
    NDims: '4',
    DimSize: `${width} ${height} 2 2`,
    ElementSpacing: '0.1 0.2 1 1',
    ElementType: 'MET_SHORT',
    BinaryDataByteOrderMSB: 'False',
    ...fields,
  };
  // It ends the header.
  const { ElementDataFile = 'LOCAL', ...others } = all as Readonly<Record<string, string>>;
  const lines = Object.entries({ ...others, ElementDataFile }).map(
    ([name, value]) => `${name} = ${value}\n`,
  );
  return Buffer.concat([Buffer.from(lines.join('')), values]);
}

describe.each<[string, (isBig: boolean) => Uint8Array]>([
  ['NIfTI', (isBig) => nifti(bytes16(isBig), { isBig })],
  ['NIfTI, gzip', (isBig) => gzipSync(nifti(bytes16(isBig), { isBig }))],
  ['NRRD', (isBig) => nrrd(bytes16(isBig), { endian: isBig ? 'big' : 'little' })],
  [
    'NRRD, gzip, directions',
    (isBig) =>
      nrrd(gzipSync(bytes16(isBig)), {
        ...{ endian: isBig ? 'big' : 'little', encoding: 'gzip', spacings: '' },
        'space directions': '(0.1,0,0) (0,0.2,0) (0,0,1) none',
      }),
  ],
  [
    'MetaImage',
    (isBig) => mha(bytes16(isBig), { BinaryDataByteOrderMSB: isBig ? 'True' : 'False' }),
  ],
  [
    'MetaImage, compressed',
    (isBig) =>
      mha(deflateSync(bytes16(isBig)), {
        ...{ BinaryDataByteOrderMSB: isBig ? 'True' : 'False', CompressedData: 'True' },
      }),
  ],
])('%s', (_, write) => {
  test.each([false, true])('slices along z, then along time; big endian: %s', async (isBig) => {
    const bytes = write(isBig);
    const file = await openFrames(bytes, 1_000_000);
    if (!file.ok) throw new Error(file.failure.message);
    expect(file.value.frames).toBe(4);
    expect(file.value.spacing?.columnMm).toBeCloseTo(0.1);
    expect(file.value.spacing?.rowMm).toBeCloseTo(0.2);
    const frames = (await readGrey(bytes)) as Grey[];
    expect(frames.map(summaryOf)).toEqual([twelveBits, twelveBits, twelveBits, twelveBits]);
    expect(await readGrey(bytes, {}, 100)).toBe('TOO_MANY_PIXELS');
  });

  test('cut anywhere behind its header it is incomplete', async () => {
    const bytes = write(false);
    for (const length of [1000, bytes.length >> 1, bytes.length - 1]) {
      if (length < bytes.length)
        expect(await readGrey(bytes.subarray(0, length))).toBe('TRUNCATED');
    }
  });
});

test('one slice, and colour', async () => {
  const rgb = Uint8Array.from(gradient.flatMap((value) => [value, value, value]));
  const plain = { mean: 127.5, levels: 70, taken: null };
  for (const bytes of [
    nifti(rgb, { dimensions: [width, height], datatype: 128 }),
    nrrd(rgb, { type: 'uchar', sizes: `3 ${width} ${height}`, kinds: 'RGB-color domain domain' }),
    mha(rgb, {
      ElementType: 'MET_UCHAR',
      DimSize: `${width} ${height}`,
      ElementNumberOfChannels: '3',
    }),
  ]) {
    expect(((await readGrey(bytes)) as Grey[]).map(summaryOf)).toEqual([plain]);
  }
});

test.each<[NiftiFields, number | null]>([
  [{ pixelSize: [0.0001, 0.0001], unit: 1 }, 0.1],
  [{ pixelSize: [100, 100], unit: 3 }, 0.1],
  [{ pixelSize: [0.1, 0.1], unit: 0 }, 0.1],
  [{ pixelSize: [1, 1], unit: 0 }, null],
  [{ pixelSize: [0, 0] }, null],
])('NIfTI pixel size: %j', async (fields, expected) => {
  const file = await openFrames(nifti(bytes16(), fields), 1_000_000);
  if (!file.ok) throw new Error(file.failure.message);
  if (expected === null) expect(file.value.spacing).toBeNull();
  else expect(file.value.spacing?.columnMm).toBeCloseTo(expected);
});

test('NRRD pixel size in the unit that it names', async () => {
  const spacingOf = async (units: string) => {
    const file = await openFrames(nrrd(bytes16(), { 'space units': units }), 1_000_000);
    return file.ok ? (file.value.spacing?.columnMm ?? null) : file.failure.code;
  };
  expect(await spacingOf('"mm" "mm" "mm" "s"')).toBeCloseTo(0.1);
  expect(await spacingOf('"um" "um" "um" "s"')).toBeCloseTo(0.0001);
  expect(await spacingOf('"furlong" "furlong" "mm" "s"')).toBeNull();
});

test('what cannot be read is told, with a code', async () => {
  const bad: [Uint8Array, string][] = [
    [nifti(bytes16(), { datatype: 1792 }), 'UNSUPPORTED_SAMPLES'],
    [nifti(bytes16(), { dimensions: [width, -1, 4] }), 'DECODE_FAILED'],
    [nrrd(bytes16(), { encoding: 'bzip2' }), 'UNSUPPORTED_SAMPLES'],
    [nrrd(bytes16(), { 'data file': 'values.raw' }), 'UNSUPPORTED_SAMPLES'],
    [nrrd(bytes16(), { 'byte skip': '-1' }), 'UNSUPPORTED_SAMPLES'],
    [nrrd(bytes16(), { sizes: `${width} x 4` }), 'DECODE_FAILED'],
    [nrrd(Buffer.alloc(5000, 7), { encoding: 'gzip' }), 'DECODE_FAILED'],
    [mha(bytes16(), { ElementDataFile: 'values.raw' }), 'UNSUPPORTED_SAMPLES'],
    [gzipSync(Buffer.alloc(5000, 7)), 'NOT_AN_IMAGE'],
  ];
  for (const [bytes, code] of bad) expect(await readGrey(bytes)).toBe(code);
});

test('a small file that unpacks to far more than it announces costs nothing', async () => {
  const bomb = gzipSync(nifti(new Uint8Array(64 * 1024 * 1024), { dimensions: [width, height] }));
  expect(await readGrey(bomb)).toBe('DECODE_FAILED');
});
