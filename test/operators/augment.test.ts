import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Augmentation,
  augmentPair,
  noAugmentation as none,
} from '../../src/operators/augment.js';
import type { GridSize } from '../../src/operators/image.js';
import { randomFrom } from '../../src/operators/seeded-random.js';

const size = { height: 3, width: 4 };
const image = (): Uint8Array => Uint8Array.from({ length: 12 }, (_, index) => index + 1);
const mask = (): Uint8Array => new Uint8Array(12).fill(1);

/** Random numbers in the order that augmentPair draws them: mirror, turn, down, right, then those of the rest. */
const drawing =
  (...numbers: number[]) =>
  () =>
    numbers.shift() ?? 0.5;

test('nothing asked, nothing changed', () => {
  const [a, b] = [image(), mask()];
  augmentPair(a, b, size, none, drawing(0, 0, 0, 0));
  expect([a, b]).toEqual([image(), mask()]);
});

test('flips', () => {
  const [a, b] = [image(), mask()];
  augmentPair(a, b, size, { ...none, flipHorizontal: true }, drawing(0, 0, 0, 0));
  expect([...a]).toEqual([4, 3, 2, 1, 8, 7, 6, 5, 12, 11, 10, 9]);
  augmentPair(a, b, size, { ...none, flipVertical: true }, drawing(0, 0, 0, 0));
  expect([...a]).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
  augmentPair(a, b, size, { ...none, flipVertical: true }, drawing(0, 0.5, 0, 0));
  expect([...a]).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
});

test('shifts repeat the edge of the image and clear the mask', () => {
  const [a, b] = [image(), mask()];
  augmentPair(a, b, size, { ...none, shift: 0.5 }, drawing(0, 0, 0.999, 0.999));
  expect([...a]).toEqual([1, 1, 1, 2, 1, 1, 1, 2, 5, 5, 5, 6]);
  expect([...b]).toEqual([0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1]);
  const [c, d] = [image(), mask()];
  augmentPair(c, d, size, { ...none, shift: 0.5 }, drawing(0, 0, 0, 0));
  expect([...c]).toEqual([7, 8, 8, 8, 11, 12, 12, 12, 11, 12, 12, 12]);
  expect([...d]).toEqual([1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0]);
});

/** What one pixel of the result is, read from the definition. */
function naive(
  pixels: Uint8Array,
  { height, width }: GridSize,
  augmentation: Augmentation,
  random: () => number,
  outside: 'edge' | 'zero',
): Uint8Array {
  const mirror = random() < 0.5 && augmentation.flipHorizontal;
  const turn = random() < 0.5 && augmentation.flipVertical;
  const shift = (length: number): number => {
    const most = Math.min(Math.floor(augmentation.shift * length), length - 1);
    return Math.floor(random() * (2 * most + 1)) - most;
  };
  const down = shift(height);
  const right = shift(width);
  return Uint8Array.from(pixels, (_, index) => {
    let y = Math.floor(index / width) - down;
    let x = (index % width) - right;
    if (outside === 'zero' && (y < 0 || y >= height || x < 0 || x >= width)) return 0;
    y = Math.min(Math.max(y, 0), height - 1);
    x = Math.min(Math.max(x, 0), width - 1);
    return pixels[(turn ? height - 1 - y : y) * width + (mirror ? width - 1 - x : x)]!;
  });
}

test('agrees with the definition for all sizes and settings', () => {
  fc.assert(
    fc.property(
      fc.record({ height: fc.integer({ min: 1, max: 9 }), width: fc.integer({ min: 1, max: 9 }) }),
      fc.record({
        flipHorizontal: fc.boolean(),
        flipVertical: fc.boolean(),
        shift: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
      fc.integer(),
      (grid, flipsAndShift, seed) => {
        const augmentation = { ...none, ...flipsAndShift };
        const noise = randomFrom(seed, 'noise');
        const pixels = Uint8Array.from({ length: grid.height * grid.width }, () => noise() * 256);
        const binary = pixels.map((value) => value & 1);
        const expected = [
          naive(pixels, grid, augmentation, randomFrom(seed), 'edge'),
          naive(binary, grid, augmentation, randomFrom(seed), 'zero'),
        ];
        augmentPair(pixels, binary, grid, augmentation, randomFrom(seed));
        expect([pixels, binary]).toEqual(expected);
      },
    ),
  );
});

test('works on a view into a packed batch and touches nothing beside it', () => {
  const images = new Uint8Array(36).fill(7);
  const masks = new Uint8Array(36).fill(1);
  images.set(image(), 12);
  const all: Augmentation = {
    flipHorizontal: true,
    flipVertical: true,
    shift: 0.5,
    scale: 0.2,
    rotation: 30,
    brightness: 0.2,
    contrast: 0.3,
    speckle: 0.2,
    blur: 1,
  };
  augmentPair(images.subarray(12, 24), masks.subarray(12, 24), size, all, randomFrom(3));
  expect(images.slice(0, 12)).toEqual(new Uint8Array(12).fill(7));
  expect(images.slice(24)).toEqual(new Uint8Array(12).fill(7));
  expect(masks.slice(0, 12)).toEqual(new Uint8Array(12).fill(1));
  expect(masks.slice(24)).toEqual(new Uint8Array(12).fill(1));
});

test('a quarter turn of a square, counter-clockwise, image and mask alike', () => {
  const grid = { height: 3, width: 3 };
  const a = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9);
  const b = Uint8Array.of(1, 1, 0, 0, 0, 0, 0, 0, 0);
  augmentPair(a, b, grid, { ...none, rotation: 90 }, drawing(0, 0, 0.5, 0.5, 0.5, 1));
  expect([...a]).toEqual([3, 6, 9, 2, 5, 8, 1, 4, 7]);
  expect([...b]).toEqual([0, 0, 0, 1, 0, 0, 1, 0, 0]);
});

test('growing keeps the middle and enlarges the mask by the same factor', () => {
  const grid = { height: 32, width: 32 };
  const square = (from: number, to: number) =>
    Uint8Array.from({ length: 1024 }, (_, at) => {
      const [row, column] = [Math.floor(at / 32), at % 32];
      return row >= from && row < to && column >= from && column < to ? 1 : 0;
    });
  const a = square(12, 20).map((value) => value * 200);
  const b = square(12, 20);
  augmentPair(a, b, grid, { ...none, scale: 0.5 }, drawing(0, 0, 0.5, 0.5, 1));
  expect(b).toEqual(square(10, 22));
  expect(a[15 * 32 + 15]).toBe(200);
  expect(a[15 * 32 + 8]).toBe(0);
});

test('greys change without the mask: brighter, more contrast, noise that grows with the signal, blur', () => {
  const grid = { height: 8, width: 8 };
  const half = (): Uint8Array => Uint8Array.from({ length: 64 }, (_, at) => (at < 32 ? 50 : 150));
  const change = (changes: Partial<Augmentation>, ...numbers: number[]) => {
    const [a, b] = [half(), new Uint8Array(64).fill(1)];
    augmentPair(a, b, grid, { ...none, ...changes }, drawing(...Array(6).fill(0.5), ...numbers));
    expect(b).toEqual(new Uint8Array(64).fill(1));
    return a;
  };
  expect(change({ brightness: 0.1 }, 1)[0]).toBe(76);
  expect(change({ contrast: 1 }, 0.5, 1)).toEqual(half().map((grey) => (grey < 100 ? 0 : 200)));
  const noisy = change({ speckle: 0.1 });
  const spread = (values: Uint8Array) => Math.max(...values) - Math.min(...values);
  expect(spread(noisy.subarray(32))).toBeGreaterThan(2 * spread(noisy.subarray(0, 32)));
  const blurred = change({ blur: 1 });
  expect([blurred[0], blurred[3 * 8], blurred[4 * 8]]).toEqual([50, 83, 117]);
});
