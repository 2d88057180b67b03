import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { noNotes, type SampleArray } from '../../src/formats/frames.js';
import { greyOf, rangeOf } from '../../src/formats/grey-values.js';
import { openFrames } from '../../src/formats/open-frames.js';
import { usualReading } from '../../src/formats/reading-settings.js';
import { spacingOfResolution } from '../../src/formats/tiff-spacing.js';

const [width, height, frames] = [4, 3, 2];
/** 0, 100, 200, ... through both frames. */
const values = Int16Array.from({ length: width * height * frames }, (_, at) => at * 100);
const bytesOfValues = Buffer.from(values.buffer);

async function opened(bytes: Uint8Array) {
  const file = await openFrames(new Uint8Array(bytes), 1e6);
  if (!file.ok) throw new Error(file.failure.message);
  return file.value;
}

async function framesOf(bytes: Uint8Array) {
  const file = await opened(bytes);
  const read = [];
  for (let number = 0; number < file.frames; number++) {
    const frame = await file.frame(number);
    if (!frame.ok) throw new Error(frame.failure.message);
    read.push({ ...frame.value, data: [...frame.value.data] });
  }
  return { file, read };
}

function nifti(): Buffer {
  const header = Buffer.alloc(352);
  header.writeInt32LE(348, 0);
  for (const [at, size] of [3, width, height, frames, 1, 1, 1, 1].entries()) {
    header.writeInt16LE(size, 40 + 2 * at);
  }
  header.writeInt16LE(4, 70);
  header.writeInt16LE(16, 72);
  for (const [at, size] of [1, 0.2, 0.3, 1].entries()) header.writeFloatLE(size, 76 + 4 * at);
  header.writeFloatLE(352, 108);
  header.write('n+1\0', 344, 'latin1');
  return Buffer.concat([header, bytesOfValues]);
}

const nrrd = (encoding: string, body: Buffer) =>
  Buffer.concat([
    Buffer.from(
      `NRRD0004\ntype: short\ndimension: 3\nsizes: ${width} ${height} ${frames}\nspacings: 0.2 0.3 1\nendian: little\nencoding: ${encoding}\n\n`,
    ),
    body,
  ]);

const metaImage = (file: string, body: Buffer) =>
  Buffer.concat([
    Buffer.from(
      `ObjectType = Image\nNDims = 3\nDimSize = ${width} ${height} ${frames}\nElementType = MET_SHORT\nElementSpacing = 0.2 0.3 1\nElementByteOrderMSB = False\nElementDataFile = ${file}\n`,
    ),
    body,
  ]);

describe('a volume is read slice by slice, with its spacing', () => {
  test.each([
    ['NIfTI', nifti()],
    ['NIfTI, compressed', gzipSync(nifti())],
    ['NRRD', nrrd('raw', bytesOfValues)],
    ['NRRD, compressed', nrrd('gzip', gzipSync(bytesOfValues))],
    ['MetaImage', metaImage('LOCAL', bytesOfValues)],
  ])('%s', async (_, bytes) => {
    const { file, read } = await framesOf(bytes);
    expect(read.map(({ data }) => data)).toEqual([[...values.slice(0, 12)], [...values.slice(12)]]);
    expect(read[0]).toMatchObject({ height, width, stride: 1, colours: 1 });
    expect(file.spacing!.rowMm).toBeCloseTo(0.3, 6);
    expect(file.spacing!.columnMm).toBeCloseTo(0.2, 6);
  });

  test.each([
    ['NRRD', nrrd('raw', bytesOfValues.subarray(0, 20))],
    ['MetaImage', metaImage('LOCAL', bytesOfValues.subarray(0, 20))],
    ['NIfTI', nifti().subarray(0, 370)],
  ])('one that ends early may still be being written: %s', async (_, bytes) => {
    const file = await openFrames(new Uint8Array(bytes), 1e6);
    expect(file).toMatchObject({ ok: false, failure: { code: 'TRUNCATED' } });
  });

  test('values in another file are refused with what to do', async () => {
    const file = await openFrames(new Uint8Array(metaImage('scan.raw', Buffer.alloc(0))), 1e6);
    expect(file).toMatchObject({ ok: false, failure: { message: /save both in one/ } });
  });
});

describe('pictures', () => {
  const picture = () =>
    sharp({ create: { width: 8, height: 5, channels: 3, background: '#102030' } });

  test('a JPEG comes as it is meant to be seen, so that it lies on its mask', async () => {
    const turned = await picture().jpeg().withMetadata({ orientation: 6 }).toBuffer();
    const { read } = await framesOf(turned);
    expect(read[0]).toMatchObject({ height: 8, width: 5 });
  });

  test.each([
    'webp',
    'deflate',
    'jpeg',
  ] as const)('a TIFF compressed as %s', async (compression) => {
    const { read } = await framesOf(await picture().tiff({ compression }).toBuffer());
    expect(read[0]).toMatchObject({ height: 5, width: 8, colours: 3 });
  });
});

describe('grey values', () => {
  const greyWith = async (data: SampleArray, notes = {}, settings = {}) => {
    const frame = { height: 1, width: data.length, data, stride: 1, hasAlpha: false } as const;
    const file = {
      ...noNotes,
      ...notes,
      frames: 1,
      frame: async () => ({ ok: true, value: { ...frame, colours: 1 } }) as const,
    };
    const range = await rangeOf(file);
    if (!range.ok) throw new Error(range.failure.message);
    const reading = { ...usualReading, ...settings };
    const { image, taken } = greyOf({ ...frame, colours: 1 }, file, reading, range.value);
    return { grey: [...image.data], taken };
  };

  test.each([
    [Uint8Array.of(0, 7, 255), [0, 7, 255], null],
    [Uint16Array.of(0, 7, 255), [0, 7, 255], null],
    [Uint16Array.of(0, 2048, 4095), [0, 128, 255], '12 bits'],
    [Uint16Array.of(0, 65535), [0, 255], '16 bits'],
    [Int16Array.of(-2048, 0, 2047), [0, 128, 255], 'signed 12 bits'],
    [Float32Array.of(0, 0.5, 1), [0, 128, 255], '0 to 1'],
    [Float32Array.of(0, 128, 255), [0, 128, 255], null],
  ])('%o is %o', async (data, grey, taken) => {
    expect(await greyWith(data)).toEqual({ grey, taken });
  });

  test("DICOM's window counts over the values, --window and --depth over that", async () => {
    const window = { window: { centre: 100, width: 101 } };
    const data = Uint16Array.of(0, 49, 100, 150);
    expect((await greyWith(data, window)).grey).toEqual([0, 0, 129, 255]);
    const asked = await greyWith(data, window, { window: { centre: 50, width: 100 } });
    expect(asked.grey).toEqual([0, 126, 255, 255]);
    expect((await greyWith(Uint16Array.of(0, 1023), {}, { depth: 12 })).grey).toEqual([0, 64]);
  });

  test('where low is bright it is turned round', async () => {
    expect((await greyWith(Uint8Array.of(0, 255), { isInverted: true })).grey).toEqual([255, 0]);
  });

  test('a larger value is never darker', async () => {
    const any = fc.array(fc.integer({ min: 0, max: 65535 }), { minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(any, async (list) => {
        const sorted = Uint16Array.from(list).sort();
        const { grey } = await greyWith(sorted);
        expect(grey).toEqual([...grey].sort((a, b) => a - b));
      }),
    );
  });
});

test('a resolution is a pixel size where it can be one of an image, not of a printer', () => {
  expect(spacingOfResolution(100, 100, 3)).toEqual({ rowMm: 0.1, columnMm: 0.1 });
  for (const dpi of [72, 96, 300]) expect(spacingOfResolution(dpi, dpi, 2)).toBeNull();
  expect(spacingOfResolution(5, 5, 1, 'ImageJ=1.53\nunit=mm\n')).toEqual({
    rowMm: 0.2,
    columnMm: 0.2,
  });
  expect(spacingOfResolution(0, 0, 2)).toBeNull();
});
