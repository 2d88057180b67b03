import fc from 'fast-check';
import { expect, test } from 'vitest';
import { correlationOf, rankCorrelationOf } from '../../src/operators/correlation.js';

test("Pearson's, worked out by hand", () => {
  // Deviations -1, 0, 1 and -2, 1, 1: 3 / sqrt(2 * 6).
  expect(correlationOf([1, 2, 3], [0, 3, 3])).toBeCloseTo(3 / Math.sqrt(12), 12);
});

test("Spearman's shares ranks among equal values", () => {
  // Ranks 1 to 5 and 1, 2, 3.5, 5, 3.5: 8 / sqrt(10 * 9.5).
  expect(rankCorrelationOf([1, 2, 3, 4, 5], [5, 6, 7, 8, 7])).toBeCloseTo(8 / Math.sqrt(95), 12);
});

test('is not there where nothing varies, or there is one pair', () => {
  expect(correlationOf([1, 1, 1], [1, 2, 3])).toBeNull();
  expect(correlationOf([1], [1])).toBeNull();
  expect(rankCorrelationOf([], [])).toBeNull();
});

test('ranks do not mind how far apart values are; neither minds order or scale', () => {
  const values = fc.uniqueArray(fc.integer({ min: -1000, max: 1000 }), {
    minLength: 3,
    maxLength: 20,
  });
  fc.assert(
    fc.property(values, (x) => {
      const steep = x.map((value) => Math.exp(value / 100));
      expect(rankCorrelationOf(x, steep)).toBeCloseTo(1, 9);
      expect(
        correlationOf(
          x,
          x.map((value) => 3 - 2 * value),
        ),
      ).toBeCloseTo(-1, 9);
    }),
  );
});
