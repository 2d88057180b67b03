import { expect, it } from 'vitest';
import { ValidationSamples } from '../../../../src/compute/child/training/validation-samples.js';

const pixels = new Uint8Array(256);
const size = { height: 16, width: 16 };

it('takes the worst, worst first, then the same ones at each epoch', () => {
  const samples = new ValidationSamples(size, 40);
  for (let index = 0; index < 40; index++) {
    samples.add(pixels, pixels, pixels, ((index * 7) % 40) / 40);
  }
  const taken = samples.taken();
  expect(taken.slice(4).map(({ index }) => index)).toEqual([5, 15, 25, 35]);
  const dices = taken.slice(0, 4).map(({ imageDice }) => imageDice);
  expect(dices).toEqual([...dices].sort((a, b) => a - b));
  expect(Math.max(...dices)).toBeLessThan(0.2);
});

it('of few, all', () => {
  const samples = new ValidationSamples(size, 2);
  samples.add(pixels, pixels, pixels, 0.5);
  samples.add(pixels, pixels, pixels, 0.2);
  expect(samples.taken().map(({ index }) => index)).toEqual([0, 1]);
  expect(new ValidationSamples(size, 0).taken()).toEqual([]);
});
