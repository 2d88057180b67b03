import { expect, test } from 'vitest';
import { randomFrom } from '../../src/operators/seeded-random.js';
import { speckle } from '../../src/synthetic/speckle.js';

test('grains have mean 1, the spread of a Rayleigh distribution, and are wider than high', () => {
  const size = { height: 420, width: 580 };
  const grain = speckle(size, randomFrom('speckle'));
  const mean = grain.reduce((sum, value) => sum + value, 0) / grain.length;
  expect(mean).toBeCloseTo(1, 2);
  const deviations = grain.map((value) => value - mean);
  const correlation = (step: number): number => {
    let together = 0;
    let alone = 0;
    for (let index = 0; index + step < deviations.length; index++) {
      together += deviations[index]! * deviations[index + step]!;
      alone += deviations[index]! ** 2;
    }
    return together / alone;
  };
  const spread = Math.sqrt(deviations.reduce((sum, value) => sum + value ** 2, 0) / grain.length);
  // A Rayleigh distribution's is sqrt(4 / pi - 1) = 0.52 of its mean; halfway columns have less.
  expect(spread).toBeGreaterThan(0.45);
  expect(spread).toBeLessThan(0.55);
  expect(correlation(2)).toBeGreaterThan(0.2);
  expect(correlation(2 * size.width)).toBeLessThan(0.1);
  expect(Math.abs(correlation(20))).toBeLessThan(0.1);
});
