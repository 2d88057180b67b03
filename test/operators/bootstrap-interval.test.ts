import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bootstrapInterval } from '../../src/operators/bootstrap-interval.js';

test('nothing can be resampled of less than two groups', () => {
  expect(bootstrapInterval([], 1)).toBeNull();
  expect(bootstrapInterval([[0.2, 0.9]], 1)).toBeNull();
  expect(bootstrapInterval([[0.2], []], 1)).toBeNull();
});

test('groups that agree leave no doubt, however their images vary', () => {
  const alike = [
    [0, 1],
    [1, 0],
    [0.5, 0.5],
  ];
  expect(bootstrapInterval(alike, 1)).toEqual({ low: 0.5, high: 0.5 });
});

test('whole groups are resampled: two that disagree span everything between them', () => {
  const groups = [Array(50).fill(0), Array(50).fill(1)];
  expect(bootstrapInterval(groups, 1)).toEqual({ low: 0, high: 1 });
});

test('about 1.96 standard errors to both sides, of many groups', () => {
  const groups = Array.from({ length: 100 }, (_, nth) => [nth % 2]);
  const { low, high } = bootstrapInterval(groups, 1)!;
  expect(low).toBeGreaterThan(0.37);
  expect(low).toBeLessThan(0.43);
  expect(high).toBeGreaterThan(0.57);
  expect(high).toBeLessThan(0.63);
});

test('lies within the values, and is the same for the same seed', () => {
  const groups = fc.array(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1 }), {
    minLength: 2,
    maxLength: 6,
  });
  fc.assert(
    fc.property(groups, fc.nat(), (values, seed) => {
      const found = bootstrapInterval(values, seed, 50)!;
      expect(bootstrapInterval(values, seed, 50)).toEqual(found);
      expect(found.low).toBeGreaterThanOrEqual(Math.min(...values.flat()) - 1e-12);
      expect(found.high).toBeLessThanOrEqual(Math.max(...values.flat()) + 1e-12);
      expect(found.low).toBeLessThanOrEqual(found.high);
    }),
  );
});
