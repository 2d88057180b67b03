import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  addPixels,
  noPixels,
  normalisationOf,
  type PixelSums,
} from '../../src/operators/pixel-statistics.js';

function mergeSums(a: PixelSums, b: PixelSums): PixelSums {
  return {
    count: a.count + b.count,
    sum: a.sum + b.sum,
    sumOfSquares: a.sumOfSquares + b.sumOfSquares,
  };
}

const anyPixels = fc.uint8Array({ minLength: 1, maxLength: 200 });

test('mean and population standard deviation of pixels scaled to 0..1', () => {
  fc.assert(
    fc.property(anyPixels, (pixels) => {
      const scaled = [...pixels].map((pixel) => pixel / 255);
      const mean = scaled.reduce((sum, value) => sum + value, 0) / scaled.length;
      const variance = scaled.reduce((sum, value) => sum + (value - mean) ** 2, 0) / scaled.length;
      const found = normalisationOf(addPixels(noPixels, pixels));
      expect(found.mean).toBeCloseTo(mean, 12);
      expect(found.std).toBeCloseTo(Math.max(Math.sqrt(variance), 1 / 255), 12);
    }),
  );
});

test('neither order nor grouping matters, to the last bit', () => {
  fc.assert(
    fc.property(fc.array(anyPixels, { maxLength: 6 }), (images) => {
      const oneByOne = images.reduce(addPixels, noPixels);
      const merged = images
        .map((pixels) => addPixels(noPixels, pixels))
        .reverse()
        .reduce(mergeSums, noPixels);
      expect(merged).toEqual(oneByOne);
      expect(normalisationOf(merged)).toEqual(normalisationOf(oneByOne));
    }),
  );
});

test('a tiny spread among very many pixels is not lost', () => {
  const count = 1e11;
  const sums = { count, sum: count * 200 + count / 2, sumOfSquares: 0 };
  // Half of them 200, half 201.
  const exact = { ...sums, sumOfSquares: (count / 2) * 200 ** 2 + (count / 2) * 201 ** 2 };
  expect(normalisationOf(exact).std).toBeCloseTo(1 / 255, 10);
  const wide = { count, sum: count * 100, sumOfSquares: (count / 2) * (90 ** 2 + 110 ** 2) };
  expect(normalisationOf(wide).std).toBeCloseTo(10 / 255, 12);
});

test('no pixels, and pixels of one value, stay finite', () => {
  expect(normalisationOf(noPixels)).toEqual({ mean: 0, std: 1 });
  const flat = normalisationOf(addPixels(noPixels, new Uint8Array(10).fill(51)));
  expect(flat.mean).toBeCloseTo(0.2, 12);
  expect(flat.std).toBe(1 / 255);
});
