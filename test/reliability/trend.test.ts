import { expect, test } from 'vitest';
import { trendOf } from './trend.js';

test('a line that grows by 10 in all is seen to, whatever waves around it', () => {
  const samples = Array.from({ length: 101 }, (_, at) => ({
    at,
    value: 50 + at / 10 + 5 * Math.sin(at * 2),
  }));
  const { mean, growth, uncertainty } = trendOf(samples);
  expect(mean).toBeCloseTo(55, 0);
  expect(Math.abs(growth - 10)).toBeLessThan(uncertainty);
  expect(growth).toBeGreaterThan(uncertainty);
});

test('what only waves does not grow', () => {
  const samples = Array.from({ length: 200 }, (_, at) => ({ at, value: 50 + (at % 7) }));
  const { growth, uncertainty } = trendOf(samples);
  expect(Math.abs(growth)).toBeLessThan(uncertainty);
});
