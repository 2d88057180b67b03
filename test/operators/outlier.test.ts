import fc from 'fast-check';
import { expect, test } from 'vitest';
import { modifiedZScores, outlierScore } from '../../src/operators/outlier.js';
import { median } from '../../src/operators/statistics.js';

test('one value far off is an outlier, and does not hide itself', () => {
  const scores = modifiedZScores([10, 11, 9, 10, 12, 10, 95]);
  expect(scores.map((score) => Math.abs(score) > outlierScore)).toEqual([
    ...Array(6).fill(false),
    true,
  ]);
});

test('equal values are none, nor is a single one', () => {
  expect(modifiedZScores([5, 5, 5])).toEqual([0, 0, 0]);
  expect(modifiedZScores([7])).toEqual([0]);
  expect(modifiedZScores([])).toEqual([]);
});

test('units and offset do not count', () => {
  const values = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 3, maxLength: 30 });
  fc.assert(
    fc.property(values, fc.integer({ min: 1, max: 50 }), fc.integer(), (numbers, scale, offset) => {
      const plain = modifiedZScores(numbers);
      const deviation = median(numbers.map((n) => Math.abs(n - median(numbers))));
      fc.pre(deviation > 0);
      const other = modifiedZScores(numbers.map((n) => scale * n + (offset % 1000)));
      for (const [nth, score] of plain.entries()) expect(other[nth]).toBeCloseTo(score, 6);
    }),
  );
});
