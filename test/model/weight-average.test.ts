import { fill, type Variable } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { beforeAll, expect, it } from 'vitest';
import { buildUNet } from '../../src/model/unet.js';
import { WeightAverage } from '../../src/model/weight-average.js';
import { useCpuBackend } from '../support/cpu-backend.js';

beforeAll(useCpuBackend);

function network(value: number): LayersModel {
  const size = { height: 16, width: 16 };
  const blockNormalisation = 'batch';
  const built = buildUNet({
    size,
    filters: 1,
    initializer: 'heNormal',
    seed: 1,
    blockNormalisation,
  });
  if (!built.ok) throw new Error(built.failure.message);
  for (const weight of built.value.weights) {
    const variable = weight.read() as Variable;
    variable.assign(fill(variable.shape, value));
  }
  return built.value;
}

const valuesOf = (unet: LayersModel) =>
  new Set(unet.weights.flatMap((w) => [...w.read().dataSync()]));

it('follows all weights, statistics included, and forgets the beginning', () => {
  const [averaged, followed] = [network(0), network(1)];
  const average = new WeightAverage(averaged, followed, 0.99);
  for (let step = 1; step <= 40; step++) average.follow(step);
  const [value, ...others] = valuesOf(averaged);
  expect(others).toEqual([]);
  expect(value).toBeGreaterThan(0.99);
  expect(valuesOf(followed)).toEqual(new Set([1]));
});

it('averages over about 1 / (1 - decay) steps in the long run', () => {
  const [averaged, followed] = [network(0), network(1)];
  const average = new WeightAverage(averaged, followed, 0.99);
  for (let step = 10_001; step <= 10_100; step++) average.follow(step);
  expect([...valuesOf(averaged)][0]).toBeCloseTo(1 - 0.99 ** 100, 5);
});
