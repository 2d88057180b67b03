import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { GridSize } from '../../src/operators/image.js';
import { decodeRle, encodeRle } from '../../src/operators/rle.js';
import { randomFrom } from '../../src/operators/seeded-random.js';

const square = { height: 2, width: 2 };

const randomMask = fc
  .record({
    height: fc.integer({ min: 1, max: 40 }),
    width: fc.integer({ min: 1, max: 40 }),
    seed: fc.integer(),
    share: fc.constantFrom(0, 0.05, 0.5, 0.95, 1),
  })
  .map(({ height, width, seed, share }) => {
    const random = randomFrom(seed);
    const mask = Uint8Array.from({ length: height * width }, () => +(random() < share));
    return { mask, size: { height, width } };
  });

/** Pixel numbers in Kaggle's order, written down from its definition. */
function naive(mask: Uint8Array, { height, width }: GridSize): string {
  const pixels = Array.from({ length: mask.length }, (_, position) => {
    const column = Math.floor(position / height);
    return mask[(position % height) * width + column]! ? '1' : '0';
  }).join('');
  return [...pixels.matchAll(/1+/g)].map((run) => `${run.index + 1} ${run[0].length}`).join(' ');
}

describe('encodeRle', () => {
  test.each([
    [[1, 1, 1, 0], '1 3'],
    [[0, 0, 0, 0], ''],
    [[1, 1, 1, 1], '1 4'],
    [[0, 1, 1, 0], '2 2'],
    [[1, 0, 0, 1], '1 1 4 1'],
    [[0, 255, 0, 0], '3 1'],
  ])('%j is %j', (mask, text) => {
    expect(encodeRle(Uint8Array.from(mask), square)).toBe(text);
  });

  test('goes down the columns of a 420x580 grid', () => {
    const size = { height: 420, width: 580 };
    const mask = new Uint8Array(420 * 580);
    for (let row = 0; row < 420; row++) mask[row * 580 + 1] = 1;
    expect(encodeRle(mask, size)).toBe('421 420');
    mask.fill(0).fill(1, 0, 580);
    expect(encodeRle(mask, size)).toBe(
      Array.from({ length: 580 }, (_, column) => `${column * 420 + 1} 1`).join(' '),
    );
    mask.fill(0)[419 * 580 + 579] = 1;
    expect(encodeRle(mask, size)).toBe('243600 1');
  });

  test('agrees with the definition', () => {
    fc.assert(
      fc.property(randomMask, ({ mask, size }) => {
        expect(encodeRle(mask, size)).toBe(naive(mask, size));
      }),
    );
  });

  test('refuses a grid that is not the mask’s', () => {
    expect(() => encodeRle(new Uint8Array(5), square)).toThrow(RangeError);
  });
});

describe('decodeRle', () => {
  test('inverts encodeRle, and is inverted by it', () => {
    fc.assert(
      fc.property(randomMask, ({ mask, size }) => {
        const text = encodeRle(mask, size);
        const decoded = decodeRle(text, size);
        expect(decoded).toEqual({ ok: true, value: mask });
        if (decoded.ok) expect(encodeRle(decoded.value, size)).toBe(text);
      }),
    );
  });

  test('takes any white space and runs that touch', () => {
    expect(decodeRle(' 1 1\t2  2\n', square)).toEqual({
      ok: true,
      value: Uint8Array.of(1, 1, 1, 0),
    });
    expect(decodeRle('', square)).toEqual({ ok: true, value: new Uint8Array(4) });
  });

  test.each([
    ['1', 'RLE_ODD_COUNT'],
    ['1 2 3', 'RLE_ODD_COUNT'],
    ['1 x', 'RLE_NOT_A_NUMBER'],
    ['1.5 1', 'RLE_NOT_A_NUMBER'],
    ['-1 1', 'RLE_NOT_A_NUMBER'],
    ['0 1', 'RLE_NOT_A_NUMBER'],
    ['1 0', 'RLE_NOT_A_NUMBER'],
    ['1e0 1', 'RLE_NOT_A_NUMBER'],
    ['1 5', 'RLE_OUT_OF_RANGE'],
    ['5 1', 'RLE_OUT_OF_RANGE'],
    ['1 99999999999999999999', 'RLE_NOT_A_NUMBER'],
    ['1 2 2 1', 'RLE_UNORDERED'],
    ['3 1 1 1', 'RLE_UNORDERED'],
  ])('%j is %s', (text, code) => {
    const decoded = decodeRle(text, square);
    expect(decoded.ok ? null : decoded.failure.code).toBe(code);
  });
});
