import {
  grad,
  memory,
  mul,
  slice,
  sum,
  type Tensor,
  type Tensor4D,
  tensor1d,
  tensor4d,
} from '@tensorflow/tfjs-core';
import { layers, model } from '@tensorflow/tfjs-layers';
import { beforeAll, expect, it } from 'vitest';
import { BatchNormalisationLayer, normalisedByBatch } from '../../src/model/batch-normalisation.js';
import { randomFrom } from '../../src/operators/seeded-random.js';
import { useCpuBackend } from '../support/cpu-backend.js';

beforeAll(useCpuBackend);

const noise = (count: number, seed: number): number[] => {
  const random = randomFrom(seed, 'noise');
  return Array.from({ length: count }, () => 4 * random() - 1);
};
const images = (seed: number) => tensor4d(noise(3 * 4 * 5 * 2, seed), [3, 4, 5, 2]);

function network() {
  const input = layers.input({ shape: [4, 5, 2] });
  const layer = new BatchNormalisationLayer({ name: 'norm' });
  return model({ inputs: input, outputs: layer.apply(input) as typeof input });
}

it('makes every channel of a training batch mean 0 and variance 1', () => {
  const { y, mean, variance } = normalisedByBatch(images(1), tensor1d([1, 1]), tensor1d([0, 0]), 0);
  const values = [...y.dataSync()];
  for (const channel of [0, 1]) {
    const own = values.filter((_, index) => index % 2 === channel);
    expect(own.reduce((a, b) => a + b) / own.length).toBeCloseTo(0, 5);
    expect(own.reduce((a, b) => a + b * b, 0) / own.length).toBeCloseTo(1, 4);
  }
  expect(mean.shape).toEqual([2]);
  expect(variance.shape).toEqual([2]);
});

it('has the gradient that differences show', () => {
  const weigh = tensor4d(noise(120, 9), [3, 4, 5, 2]);
  const [scale, offset] = [tensor1d([1.5, 0.5]), tensor1d([0.1, -0.2])];
  const loss = (x: Tensor) =>
    sum(mul(normalisedByBatch(x as Tensor4D, scale, offset, 1e-3).y, weigh));
  const values = noise(120, 2);
  const at = (numbers: number[]) => tensor4d(numbers, [3, 4, 5, 2]);
  const gradient = grad(loss)(at(values)).dataSync();
  const step = 1e-2;
  for (const place of [0, 37, 119]) {
    const moved = (by: number) =>
      loss(at(values.map((value, index) => (index === place ? value + by : value)))).dataSync()[0]!;
    expect(gradient[place]).toBeCloseTo((moved(step) - moved(-step)) / (2 * step), 2);
  }
});

it('predicts by the statistics that training kept, whatever else is in the batch', () => {
  const unet = network();
  for (let step = 0; step < 60; step++) unet.apply(images(1), { training: true });
  const alone = unet.apply(slice(images(1), [0], [1])) as Tensor4D;
  const together = unet.apply(images(1)) as Tensor4D;
  expect([...alone.dataSync()]).toEqual([...together.dataSync()].slice(0, 40));
  const trained = unet.apply(images(1), { training: true }) as Tensor4D;
  for (const [at, value] of trained.dataSync().entries()) {
    expect(together.dataSync()[at]).toBeCloseTo(value, 1);
  }
});

it('keeps no tensor of a training pass but its output', () => {
  const unet = network();
  const x = images(1);
  const before = memory().numTensors;
  (unet.apply(x, { training: true }) as Tensor4D).dispose();
  expect(memory().numTensors).toBe(before);
});

it("is saved as Keras' layer of that name", () => {
  const { config } = network().toJSON(undefined, false) as unknown as {
    config: { layers: { class_name: string; config: object }[] };
  };
  expect(config.layers[1]).toMatchObject({
    class_name: 'BatchNormalization',
    config: { axis: -1, momentum: 0.9, epsilon: 1e-3, center: true, scale: true },
  });
});
