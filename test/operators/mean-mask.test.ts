import { expect, test } from 'vitest';
import { type MeanMask, meanMaskOf } from '../../src/operators/mean-mask.js';
import { threshold } from '../../src/operators/threshold.js';

function answered(masks: readonly number[][]): { mean: MeanMask; answer: number[] } {
  const work = meanMaskOf(masks.map((mask) => Uint8Array.from(mask)));
  for (let step = work.next(); ; step = work.next()) {
    if (!step.done) continue;
    const { probabilities, threshold: least } = step.value;
    return { mean: step.value, answer: [...threshold(probabilities, least).mask] };
  }
}

test('takes what most masks share', () => {
  const { mean, answer } = answered([
    [1, 1, 0, 0],
    [1, 1, 0, 0],
    [0, 1, 1, 0],
  ]);
  expect(mean.probabilities[1]).toBeCloseTo(1);
  expect(answer).toEqual([1, 1, 0, 0]);
});

test('is empty where most masks are', () => {
  expect(
    answered([
      [0, 0, 0],
      [0, 0, 0],
      [1, 1, 0],
    ]).answer,
  ).toEqual([0, 0, 0]);
});

test('of one mask it is that mask', () => {
  expect(answered([[0, 1, 0]]).answer).toEqual([0, 1, 0]);
});
