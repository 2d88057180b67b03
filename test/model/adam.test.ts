import {
  add,
  getBackend,
  memory,
  mul,
  registerKernel,
  reshape,
  type Tensor,
  tensor1d,
  train,
  unregisterKernel,
  variable,
} from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Adam, fusedAdamKernel } from '../../src/model/adam.js';
import { useCpuBackend } from './support.js';

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

  describe('where the backend has a kernel of its own', () => {
    afterEach(() => unregisterKernel(fusedAdamKernel, getBackend()));

    it('asks that one, once a variable', () => {
      const asked: unknown[] = [];
      registerKernel({
        kernelName: fusedAdamKernel,
        backendName: getBackend(),
        kernelFunc: ({ inputs, attrs }) => {
          asked.push(attrs);
          const [value, m, v] = [inputs.value, inputs.m, inputs.v] as Tensor[];
          return [add(reshape(value!, [4]), 1), mul(m!, 1), mul(v!, 1)];
        },
      });
      const adam = new Adam([variable(tensor1d(start))]);
      expect(stepped(adam, 0, 2)).toEqual(start.map((value) => value + 2));
      expect(asked).toMatchObject([{ learningRate: 1e-2, beta1: 0.9, beta2: 0.999 }, {}]);
    });
  });
});
