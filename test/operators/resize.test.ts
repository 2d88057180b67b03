import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { GreyImage, GridSize } from '../../src/operators/image.js';
import { resizeImage, resizeMask } from '../../src/operators/resize.js';
import { randomFrom } from '../../src/operators/seeded-random.js';

const anySize = fc.record({
  height: fc.integer({ min: 1, max: 24 }),
  width: fc.integer({ min: 1, max: 24 }),
});

function noise({ height, width }: GridSize, seed: number, levels = 256): GreyImage {
  const random = randomFrom(seed);
  const data = Uint8Array.from({ length: height * width }, () => Math.floor(random() * levels));
  return { height, width, data };
}

/** Share of each source pixel in one target pixel of an axis, from the definition. */
function shares(from: number, to: number, target: number): number[] {
  if (to <= from) {
    const low = (target * from) / to;
    const high = ((target + 1) * from) / to;
    return Array.from({ length: from }, (_, source) =>
      Math.max(0, (Math.min(high, source + 1) - Math.max(low, source)) / (high - low)),
    );
  }
  const centre = Math.min(Math.max(((target + 0.5) * from) / to - 0.5, 0), from - 1);
  return Array.from({ length: from }, (_, source) => Math.max(0, 1 - Math.abs(centre - source)));
}

function naive(image: GreyImage, { height, width }: GridSize): number[] {
  return Array.from({ length: height * width }, (_, index) => {
    const down = shares(image.height, height, Math.floor(index / width));
    const across = shares(image.width, width, index % width);
    let mean = 0;
    for (const [y, rowShare] of down.entries()) {
      for (const [x, share] of across.entries()) {
        mean += rowShare * share * image.data[y * image.width + x]!;
      }
    }
    return mean;
  });
}

describe('resizeImage', () => {
  test('averages areas when it shrinks, interpolates when it enlarges', async () => {
    await fc.assert(
      fc.asyncProperty(anySize, anySize, fc.integer(), async (from, to, seed) => {
        const image = noise(from, seed);
        const resized = await resizeImage(image, to);
        expect({ height: resized.height, width: resized.width }).toEqual(to);
        const expected = naive(image, to);
        for (const [index, value] of resized.data.entries()) {
          // The reference is in floating point: at a half it may go either way.
          expect(Math.abs(value - expected[index]!)).toBeLessThan(0.5 + 1e-9);
        }
      }),
    );
  });

  test('halves exactly, rounding up', async () => {
    const image = { height: 2, width: 4, data: Uint8Array.of(0, 1, 10, 20, 1, 0, 30, 41) };
    expect((await resizeImage(image, { height: 1, width: 2 })).data).toEqual(Uint8Array.of(1, 25));
  });

  test('does nothing at the same size, and keeps a flat image flat', async () => {
    const image = noise({ height: 5, width: 7 }, 1);
    expect(await resizeImage(image, { height: 5, width: 7 })).toBe(image);
    for (const level of [0, 1, 127, 255]) {
      const flat = { height: 42, width: 58, data: new Uint8Array(42 * 58).fill(level) };
      for (const size of [
        { height: 64, width: 80 },
        { height: 13, width: 80 },
        { height: 1, width: 1 },
      ]) {
        const resized = await resizeImage(flat, size);
        expect(resized.data.every((value) => value === level)).toBe(true);
      }
    }
  });

  test('keeps the mean of an image', async () => {
    const image = noise({ height: 420, width: 580 }, 2);
    const resized = await resizeImage(image, { height: 64, width: 80 });
    const mean = (data: Uint8Array): number =>
      data.reduce((sum, value) => sum + value, 0) / data.length;
    expect(mean(resized.data)).toBeCloseTo(mean(image.data), 0);
  });
});

describe('resizeMask', () => {
  test('is 1 exactly where at least half of the area is, and never anything but 0 or 1', async () => {
    await fc.assert(
      fc.asyncProperty(anySize, anySize, fc.integer(), async (from, to, seed) => {
        const mask = noise(from, seed, 2);
        const resized = await resizeMask(mask, to);
        const expected = naive(mask, to);
        for (const [index, value] of resized.data.entries()) {
          expect(value === 0 || value === 1).toBe(true);
          if (Math.abs(expected[index]! - 0.5) > 1e-9)
            expect(value).toBe(+(expected[index]! > 0.5));
          else expect(value).toBe(1);
        }
      }),
    );
  });

  test('keeps the share of a large shape', async () => {
    const data = new Uint8Array(420 * 580);
    for (let row = 100; row < 220; row++) data.fill(1, row * 580 + 200, row * 580 + 390);
    const resized = await resizeMask({ height: 420, width: 580, data }, { height: 64, width: 80 });
    const share = (mask: Uint8Array): number =>
      mask.reduce((sum, value) => sum + value, 0) / mask.length;
    expect(share(resized.data)).toBeCloseTo(share(data), 2);
  });
});
