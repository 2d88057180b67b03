import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import type { Grey } from '../../src/formats/grey-values.js';
import { openFrames } from '../../src/formats/open-frames.js';
import { tiffSpacing } from '../../src/formats/tiff-spacing.js';
import { gradient, gradientSize } from '../support/gradient.js';
import { readGrey, summaryOf } from '../support/read-grey.js';
import { sharedData } from '../support/shared-data.js';
import { bytesOfValues, type TiffPage, type TiffTag, tiffOfPages } from '../support/tiff-pages.js';

const { height, width } = gradientSize;
const grey8 = Uint8Array.from(gradient);
const page = (pixels: Uint8Array, more: Partial<TiffPage> = {}): TiffPage => ({
  ...{ height, width, bits: 8, pixels },
  ...more,
});
const greys = async (bytes: Uint8Array): Promise<readonly number[][]> => {
  const frames = await readGrey(bytes);
  if (typeof frames === 'string') throw new Error(frames);
  return frames.map(({ image }) => [...image.data]);
};

describe.each([false, true])('a TIFF, big endian: %s', (isBig) => {
  const values = (of: Parameters<typeof bytesOfValues>[0]) => bytesOfValues(of, { isBig });
  const write = (...pages: TiffPage[]) => tiffOfPages(pages, { isBig });

  test('a page is a frame; thumbnails, reduced copies and opacities are none', async () => {
    const small = { height: 5, width: 7, pixels: grey8.subarray(0, 35) };
    const file = write(
      page(grey8),
      page(grey8, { ...small, tags: [[254, 4, [1]]] }),
      page(grey8, { ...small, tags: [[254, 4, [4]]] }),
      page(grey8.map((value) => 255 - value)),
    );
    expect(await greys(file)).toEqual([gradient, gradient.map((value) => 255 - value)]);
  });

  test('pages of 8 and of 16 bits, each as it is', async () => {
    const deep = page(values(Uint16Array.from(gradient, (value) => value * 16)), { bits: 16 });
    for (const pages of [
      [page(grey8), deep],
      [deep, page(grey8)],
    ]) {
      const read = await greys(write(...pages));
      expect(read[pages.indexOf(deep)]!.at(-1)).toBeCloseTo(gradient.at(-1)!, -1);
      expect(Math.max(...read[pages.indexOf(deep)]!)).toBeLessThan(256);
      expect(new Set(read[pages.indexOf(deep)]).size).toBeGreaterThan(60);
      expect(read[1 - pages.indexOf(deep)]).toEqual(gradient);
    }
  });

  test('an ImageJ stack with one directory, of 16 bits', async () => {
    const three = values(Uint16Array.from([...gradient, ...gradient, ...gradient], (v) => v * 16));
    const announced = (images: number) =>
      write(
        page(three, {
          bits: 16,
          tags: [
            [270, 2, `ImageJ=1.53t\nimages=${images}\nslices=${images}\nunit=mm\n`],
            [279, 4, [height * width * 2]],
            [282, 5, [10, 1]],
            [283, 5, [20, 1]],
          ],
        }),
      );
    const file = await openFrames(announced(3), 1_000_000);
    expect(file).toMatchObject({ value: { frames: 3, spacing: { columnMm: 0.1, rowMm: 0.05 } } });
    const frames = (await readGrey(announced(3))) as Grey[];
    const one = { mean: 127.03, levels: 70, taken: '12 bits' };
    expect(frames.map(summaryOf)).toEqual([one, one, one]);
    expect(await readGrey(announced(4))).toBe('TRUNCATED');
    expect(await readGrey(announced(3), {}, 100)).toBe('TOO_MANY_PIXELS');
  });

  test('an ImageJ stack with a directory a page', async () => {
    const tags: TiffTag[] = [[270, 2, `ImageJ=1.53t\nimages=2\n${'info '.repeat(2000)}\n`]];
    expect(await greys(write(page(grey8, { tags }), page(grey8)))).toEqual([gradient, gradient]);
  });

  test('bits that are no bytes: 1, 4 and 12', async () => {
    const packed = (bits: number, at: (pixel: number) => number) => {
      const row = Math.ceil((width * bits) / 8);
      const bytes = new Uint8Array(row * height);
      for (let pixel = 0; pixel < height * width; pixel++) {
        for (let bit = 0; bit < bits; bit++) {
          const place = (pixel % width) * bits + bit;
          const isSet = (at(pixel) >> (bits - 1 - bit)) & 1;
          bytes[Math.floor(pixel / width) * row + (place >> 3)]! |= isSet << (7 - (place & 7));
        }
      }
      return page(bytes, { bits });
    };
    const [one] = await greys(write(packed(1, (pixel) => gradient[pixel]! >> 7)));
    expect(one).toEqual(gradient.map((value) => (value >= 128 ? 255 : 0)));
    const [four] = await greys(write(packed(4, (pixel) => gradient[pixel]! >> 4)));
    expect(four).toEqual(gradient.map((value) => (value >> 4) * 17));
    const [twelve] = (await readGrey(write(packed(12, (at) => gradient[at]! * 16)))) as Grey[];
    expect(summaryOf(twelve!)).toEqual({ mean: 127.03, levels: 70, taken: '12 bits' });
  });

  test('floating point as RGB, in one plane and in three', async () => {
    const many = Float32Array.from(
      { length: 3 * height * width },
      (_, at) => gradient[Math.floor(at / 3)]! / 255,
    );
    const rgb = { bits: 32, format: 3, samples: 3 };
    expect(await greys(write(page(values(many), rgb)))).toEqual([gradient]);
    const planes = Float32Array.from(
      { length: 3 * height * width },
      (_, at) => gradient[at % (height * width)]! / 255,
    );
    const plane = height * width * 4;
    const tags: TiffTag[] = [
      [284, 3, [2]],
      [273, 4, [8, 8 + plane, 8 + 2 * plane]],
      [279, 4, [plane, plane, plane]],
    ];
    expect(await greys(write(page(values(planes), { ...rgb, tags })))).toEqual([gradient]);
  });

  test('floating point in strips of a row each', async () => {
    const rows = Array.from({ length: height }, (_, row) => row * width * 4);
    const tags: TiffTag[] = [
      [273, 4, rows.map((at) => at + 8)],
      [278, 4, [1]],
      [279, 4, rows.map(() => width * 4)],
    ];
    const pixels = values(Float32Array.from(gradient, (value) => value / 255));
    expect(await greys(write(page(pixels, { bits: 32, format: 3, tags })))).toEqual([gradient]);
  });

  test('ZSTD, of bytes and of floating point', async () => {
    const compressed: TiffTag[] = [[259, 3, [50000]]];
    expect(await greys(write(page(zstd(grey8), { tags: compressed })))).toEqual([gradient]);
    const pixels = zstd(values(Float32Array.from(gradient, (value) => value / 255)));
    const float = page(pixels, { bits: 32, format: 3, tags: compressed });
    expect(await greys(write(float))).toEqual([gradient]);
  });

  // The gradient, by Python's lzma: as tifffile has it, and with libtiff's filter of differences.
  test.each([
    '/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4A2rAGJdAAABNThvY9n0cw/QjtIDoK9JFFzvQeguyZbOmZ5ibk5dxUE46P9YgNR0JVox/Y8DVJ0tjl+ONkWiMf0q/s+q2LeQAmkvEdFAdGJXcE3kcaTkg5zCZk3cHcfUWcULSIGntlsAAAAAudRfp093OQgAAX6sGwAAAGUassCxxGf7AgAAAAAEWVo=',
    '/Td6WFoAAAD/EtlBAgEDAQAhARZ5IMTu4A2rACVdAAABNHSWawAGjHN+DMufMC2M0s7oKWi1nK4qbba8AvVjWuPIOQAAAAAAAAE5rBsAAACxIO/SqAAK/AIAAAAAAFla',
  ])('LZMA %#', async (base64) => {
    const pixels = Buffer.from(base64, 'base64');
    expect(await greys(write(page(pixels, { tags: [[259, 3, [34925]]] })))).toEqual([gradient]);
    const damaged = Uint8Array.from(pixels, (value, at) => (at === 60 ? value ^ 255 : value));
    const file = write(page(damaged, { tags: [[259, 3, [34925]]] }));
    expect(await readGrey(file)).toBe('DECODE_FAILED');
  });

  test('a file of several pages that is still being written', async () => {
    const pixels = values(Uint16Array.from(gradient, (value) => value * 16));
    const file = write(page(pixels, { bits: 16 }), page(pixels, { bits: 16 }));
    for (let length = 8; length < file.length; length += 211) {
      expect(await readGrey(file.subarray(0, length))).toBe('TRUNCATED');
    }
  });

  test('a chain of directories that runs in a circle ends', async () => {
    const file = Uint8Array.from(write(page(grey8), page(grey8)));
    const view = new DataView(file.buffer);
    const last = file.length - 4;
    view.setUint32(last, view.getUint32(4, !isBig), !isBig);
    expect(await greys(file)).toEqual([gradient, gradient]);
  });

  test('more pixels than may be are refused, page by page', async () => {
    const file = write(page(grey8), page(grey8, { height: 60_000, width: 60_000 }));
    expect(await readGrey(file)).toBe('TOO_MANY_PIXELS');
  });

  const resolution = (across: readonly number[], unit: number, description?: string) =>
    tiffSpacing(
      write(
        page(grey8, {
          tags: [
            [282, 5, across],
            [283, 5, across],
            [296, 3, [unit]],
            ...(description === undefined ? [] : ([[270, 2, description]] as const)),
          ],
        }),
      ),
    )?.columnMm ?? null;

  test.each<[string, readonly number[], number, string | undefined, number | null]>([
    ['centimetre', [100, 1], 3, undefined, 0.1],
    ['inch', [254, 1], 2, undefined, 0.1],
    ['72 dpi', [72, 1], 2, undefined, null],
    ['300 dpi, by the centimetre', [11811, 100], 3, undefined, null],
    ['a pixel a millimetre, as libvips has it', [10, 1], 3, undefined, null],
    ['too fine', [100_000, 1], 3, undefined, null],
    ['none', [0, 0], 2, undefined, null],
    ['no unit', [100, 1], 1, undefined, null],
    ['ImageJ, mm', [10, 1], 1, 'ImageJ=1.53t\nunit=mm\n', 0.1],
    ['ImageJ, cm', [100, 1], 1, 'ImageJ=1.53t\nunit=cm\n', 0.1],
    ['ImageJ, micrometres', [1, 100], 1, 'ImageJ=1.53t\nunit=\\u00B5m\n', 0.1],
    ['ImageJ, microns', [1, 100], 1, 'ImageJ=1.53t\nunit=micron\nspacing=3\n', 0.1],
    ['ImageJ, pixels', [100, 1], 3, 'ImageJ=1.53t\nunit=pixel\n', null],
  ])('pixel size: %s', (_, across, unit, description, expected) => {
    const columnMm = resolution(across, unit, description);
    if (expected === null) expect(columnMm).toBeNull();
    else expect(columnMm).toBeCloseTo(expected, 9);
  });
});

test('the pixel size of one plain ImageJ page is told', async () => {
  const tags: TiffTag[] = [
    [270, 2, 'ImageJ=1.53t\nunit=mm\n'],
    [282, 5, [10, 1]],
    [283, 5, [10, 1]],
  ];
  const file = await openFrames(tiffOfPages([page(grey8, { tags })]), 1_000_000);
  expect(file).toMatchObject({ value: { frames: 1, spacing: { columnMm: 0.1, rowMm: 0.1 } } });
});

test('WebP in a TIFF is read; damaged, it is not said to be incomplete', async () => {
  const webp = await sharp(
    Uint8Array.from({ length: 3 * height * width }, (_, at) => gradient[Math.floor(at / 3)]!),
    {
      raw: { ...gradientSize, channels: 3 },
    },
  )
    .tiff({ compression: 'webp', quality: 100 })
    .toBuffer();
  const [grey] = (await readGrey(webp)) as Grey[];
  expect(Math.abs(summaryOf(grey!).mean - 127.5)).toBeLessThan(1);
  const damaged = Uint8Array.from(webp, (value, at) => (at > 60 && at < 90 ? value ^ 77 : value));
  expect(await readGrey(damaged)).toBe('DECODE_FAILED');
});

test('an unknown compression is named', async () => {
  const file = await openFrames(tiffOfPages([page(grey8, { tags: [[259, 3, [31_000]]] })]), 1e6);
  const frame = file.ok ? await file.value.frame(0) : file;
  expect(frame).toMatchObject({ failure: { code: 'DECODE_FAILED' } });
  expect(JSON.stringify(frame)).toContain('31000');
});

test.skipIf(!existsSync(sharedData('odd')))('stacks by tifffile', async () => {
  const read = async (name: string) =>
    (await readGrey(readFileSync(join(sharedData('odd'), name)))) as Grey[];
  expect(await read('stack_gray.tif')).toHaveLength(3);
  const [empty, ellipse] = await read('mask_stack.tif');
  expect(summaryOf(empty!)).toMatchObject({ mean: 0 });
  expect(summaryOf(ellipse!).mean / 255).toBeCloseTo(0.152, 3);
});

/** A frame of one block that is stored as it is. https://www.rfc-editor.org/rfc/rfc8878 */
function zstd(plain: Uint8Array): Uint8Array {
  const header = Buffer.alloc(12);
  header.set([0x28, 0xb5, 0x2f, 0xfd, 0xa0]);
  header.writeUInt32LE(plain.length, 5);
  header.writeUIntLE((plain.length << 3) | 1, 9, 3);
  return Buffer.concat([header, plain]);
}
