import { add, memory, tensor1d, tidy, train, variable } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  Adam,
  type AdamStep,
  type AdamUpdate,
  composedUpdate,
  registerAdamUpdate,
} from '../../src/model/adam.js';
import { useCpuBackend } from '../support/cpu-backend.js';

beforeAll(useCpuBackend);

const start = [0.5, -0.25, 2, 0];
const gradientAt = (step: number) =>
  start.map((_, index) => Math.sin(step + 2 * index) * 10 ** -index);

function stepped(adam: Adam, from: number, to: number, rate = (_step: number) => 1e-2): number[] {
  const target = adam.variables[0]!;
  for (let step = from; step < to; step++) {
    const gradient = tensor1d(gradientAt(step));
    adam.apply({ [target.name]: gradient }, rate(step));
    gradient.dispose();
  }
  return [...target.dataSync()];
}

describe('Adam', () => {
  it('gives the numbers of tf.train.adam', () => {
    const theirs = variable(tensor1d(start));
    const optimizer = train.adam(1e-2);
    for (let step = 0; step < 50; step++) {
      optimizer.applyGradients([{ name: theirs.name, tensor: tensor1d(gradientAt(step)) }]);
    }
    const ours = stepped(new Adam([variable(tensor1d(start))]), 0, 50);
    for (const [index, value] of theirs.dataSync().entries()) {
      expect(Math.abs(ours[index]! - value)).toBeLessThan(1e-6);
    }
  });

  it('takes a learning rate per step', () => {
    const still = stepped(new Adam([variable(tensor1d(start))]), 0, 5, () => 0);
    expect(still).toEqual(start);
  });

  it('goes on bit for bit after its state was saved and restored', async () => {
    const rate = (step: number) => 1e-2 / (step + 1);
    const through = stepped(new Adam([variable(tensor1d(start))]), 0, 30, rate);

    const before = new Adam([variable(tensor1d(start))]);
    const weights = stepped(before, 0, 13, rate);
    const state = await before.save();
    const after = new Adam([variable(tensor1d(weights))]);
    after.restore(state);
    expect(after.steps).toBe(13);
    expect(stepped(after, 13, 30, rate)).toEqual(through);
  });

  it('refuses the state of another network', () => {
    const adam = new Adam([variable(tensor1d(start))]);
    expect(() => adam.restore({ steps: 1, moments: new Float32Array(6) })).toThrow(RangeError);
  });

  it('leaves nothing alive but its moments', () => {
    const adam = new Adam([variable(tensor1d(start))]);
    const before = memory().numTensors;
    stepped(adam, 0, 10);
    expect(memory().numTensors).toBe(before);
    adam.dispose();
    expect(memory().numTensors).toBe(before - 2);
  });

  it('leaves the step to a backend that does it by itself, in one call', () => {
    const steps: AdamStep[] = [];
    const native: AdamUpdate = (variables, step) => {
      steps.push(step);
      for (const { value } of variables) tidy(() => value.assign(add(value, 1)));
    };
    const targets = [start, start].map((values) => variable(tensor1d(values)));
    const adam = new Adam(targets);
    const gradients = Object.fromEntries(
      targets.map(({ name }) => [name, tensor1d(gradientAt(0))]),
    );
    registerAdamUpdate('cpu', native);
    try {
      adam.apply(gradients, 1e-2);
    } finally {
      registerAdamUpdate('cpu', composedUpdate);
    }
    expect(steps).toEqual([
      {
        ...{ learningRate: 1e-2, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
        ...{ correction1: expect.closeTo(0.1, 6), correction2: expect.closeTo(0.001, 6) },
      },
    ]);
    for (const target of targets) {
      expect([...target.dataSync()]).toEqual(start.map((value) => value + 1));
    }
  });
});
