import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { type Frame, noNotes } from '../../src/formats/frames.js';
import { greyOf } from '../../src/formats/grey-values.js';
import { usualReading } from '../../src/formats/reading-settings.js';
import { gradient, gradientSize } from '../support/gradient.js';
import { readGrey, summaryOf } from '../support/read-grey.js';
import { sharedData } from '../support/shared-data.js';
import { bytesOfValues, type TiffPage, tiffOfPages } from '../support/tiff-pages.js';

type Values = Parameters<typeof bytesOfValues>[0];

const tiff = (values: Values, page: Partial<TiffPage>, isBig: boolean) =>
  tiffOfPages([{ ...gradientSize, bits: 8, pixels: bytesOfValues(values, { isBig }), ...page }], {
    isBig,
  });
const white = (values: readonly number[]) => values.map((value) => 255 - value);
const signed = { format: 2 };
const float = { format: 3 };

describe.each([false, true])('grey values of a TIFF, big endian: %s', (isBig) => {
  test.each<[string, Values, Partial<TiffPage>, number, number, string | null]>([
    [
      '12 of 16 bits',
      Uint16Array.from(gradient, (v) => v * 16),
      { bits: 16 },
      127.03,
      70,
      '12 bits',
    ],
    ['8 of 16 bits', Uint16Array.from(gradient), { bits: 16 }, 127.5, 70, null],
    [
      '10 of 16 bits',
      Uint16Array.from(gradient, (v) => v * 4),
      { bits: 16 },
      127.17,
      70,
      '10 bits',
    ],
    ['16 bits', Uint16Array.from(gradient, (v) => v * 257), { bits: 16 }, 127.5, 70, '16 bits'],
    [
      '12 of 32 bits',
      Uint32Array.from(gradient, (v) => v * 16),
      { bits: 32 },
      127.03,
      70,
      '12 bits',
    ],
    [
      'more than 16 bits',
      Uint32Array.from(gradient, (v) => v * 1e6),
      { bits: 32 },
      127.5,
      70,
      '0 to 255000000',
    ],
    [
      'signed, 8 bits',
      Int8Array.from(gradient, (v) => v - 128),
      signed,
      127.5,
      70,
      'signed 8 bits',
    ],
    [
      'signed, 12 bits',
      Int16Array.from(gradient, (v) => v * 16 - 2048),
      { bits: 16, ...signed },
      127.03,
      70,
      'signed 12 bits',
    ],
    [
      'signed, none below 0',
      Int32Array.from(gradient, (v) => v * 16),
      { bits: 32, ...signed },
      127.03,
      70,
      '12 bits',
    ],
    [
      'float 0 to 1',
      Float32Array.from(gradient, (v) => v / 255),
      { bits: 32, ...float },
      127.5,
      70,
      '0 to 1',
    ],
    ['float 0 to 255', Float32Array.from(gradient), { bits: 32, ...float }, 127.5, 70, null],
    [
      'double 0 to 1',
      Float64Array.from(gradient, (v) => v / 255),
      { bits: 64, ...float },
      127.5,
      70,
      '0 to 1',
    ],
    [
      'float -1 to 1',
      Float32Array.from(gradient, (v) => v / 127.5 - 1),
      { bits: 32, ...float },
      127.5,
      70,
      '-1 to 1',
    ],
    [
      'what is no number, and infinities',
      Float32Array.from(gradient, (v, index) => [Number.NaN, 1 / 0, -1 / 0][index] ?? v / 255),
      { bits: 32, ...float },
      127.57,
      70,
      '0 to 1',
    ],
    ['white is zero', Uint8Array.from(white(gradient)), { tags: [[262, 3, [0]]] }, 127.5, 70, null],
    [
      'white is zero, 12 of 16 bits',
      Uint16Array.from(white(gradient), (v) => v * 16),
      { bits: 16, tags: [[262, 3, [0]]] },
      127.97,
      70,
      '12 bits',
    ],
  ])('%s', async (_, values, page, mean, levels, taken) => {
    const [grey] = (await readGrey(tiff(values, page, isBig))) as never[];
    expect(summaryOf(grey!)).toEqual({ mean, levels, taken });
  });
});

test('12 bits in a PNG of 16', async () => {
  const png = await sharp(
    Uint16Array.from(gradient, (value) => value * 16),
    {
      raw: { ...gradientSize, channels: 1 },
    },
  )
    .toColourspace('grey16')
    .png()
    .toBuffer();
  const read = async (settings = {}) => summaryOf(((await readGrey(png, settings)) as never[])[0]!);
  expect(await read()).toEqual({ mean: 127.03, levels: 70, taken: '12 bits' });
  expect(await read({ depth: 16 })).toMatchObject({ levels: 17, taken: '16 bits' });
  // Beyond black and white of a window nothing differs.
  expect(await read({ window: { centre: 2048, width: 1000 } })).toMatchObject({
    taken: 'window 2048,1000',
  });
  expect(await read({ window: { centre: 2048, width: 1 } })).toMatchObject({ levels: 2 });
});

test.skipIf(!existsSync(sharedData('odd')))('the gradients that were nearly black', async () => {
  for (const name of ['u16_12bit.tif', 'u16_8bit.tif']) {
    const bytes = readFileSync(join(sharedData('odd'), name));
    const { mean, levels } = summaryOf(((await readGrey(bytes)) as never[])[0]!);
    expect(Math.abs(mean - 127)).toBeLessThan(1);
    expect(levels).toBeGreaterThan(100);
  }
});

test('all frames of a file follow one rule: of the brightest', async () => {
  const page = (scale: number): TiffPage => ({
    ...gradientSize,
    bits: 16,
    pixels: bytesOfValues(Uint16Array.from(gradient, (value) => value * scale)),
  });
  const frames = (await readGrey(tiffOfPages([page(1), page(16)]))) as never[];
  expect(frames.map((frame) => summaryOf(frame).taken)).toEqual(['12 bits', '12 bits']);
  expect(frames.map((frame) => Math.round(summaryOf(frame).mean))).toEqual([8, 127]);
});

const frameOf = (data: Frame['data']): Frame => ({
  ...{ height: 1, width: data.length, data },
  ...{ stride: 1, colours: 1, hasAlpha: false },
});

test('brighter values never come out darker, and a window is what PS3.3 C.11.2.1.2 says', () => {
  fc.assert(
    fc.property(
      fc.uint16Array({ minLength: 2, maxLength: 40 }),
      fc.option(
        fc.record({
          centre: fc.integer({ max: 65535, min: 0 }),
          width: fc.integer({ min: 1, max: 9999 }),
        }),
      ),
      (values, window) => {
        const sorted = values.sort();
        const range = { least: sorted[0]!, most: sorted.at(-1)!, type: 'whole' } as const;
        const { data } = greyOf(frameOf(sorted), noNotes, { ...usualReading, window }, range).image;
        for (let index = 1; index < data.length; index++) {
          expect(data[index]).toBeGreaterThanOrEqual(data[index - 1]!);
        }
        if (window === null) return;
        const { centre, width } = window;
        for (const [index, value] of sorted.entries()) {
          if (value <= centre - 0.5 - (width - 1) / 2) expect(data[index]).toBe(0);
          else if (value > centre - 0.5 + (width - 1) / 2) expect(data[index]).toBe(255);
          else {
            const shade = ((value - (centre - 0.5)) / (width - 1) + 0.5) * 255;
            expect(Math.abs(data[index]! - shade)).toBeLessThanOrEqual(0.5 + 1e-9);
          }
        }
      },
    ),
  );
});

test('8 bits stay as they are', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1 }), (values) => {
      const range = { least: 0, most: 255, type: 'whole' } as const;
      const { image, taken } = greyOf(frameOf(values), noNotes, usualReading, range);
      expect(image.data).toEqual(values);
      expect(taken).toBeNull();
    }),
  );
});
