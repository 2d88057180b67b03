import {
  randomNormal,
  randomUniform,
  type Tensor,
  tidy,
  type Variable,
  variable,
} from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { adamUpdate } from '../../../src/compute/wasm/kernels/adam.js';
import { loadWasmBackend } from '../../../src/compute/wasm/load.js';
import { type AdamVariable, composedUpdate } from '../../../src/model/adam.js';
import { relativeError } from '../../support/relative-error.js';

const step = {
  learningRate: 1e-3,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-7,
  correction1: 0.271,
  correction2: 0.002997,
};

function variableOf(shape: number[]): AdamVariable {
  const own = (make: () => Tensor): Variable => tidy(() => variable(make()));
  return {
    value: own(() => randomNormal(shape, 0, 1, 'float32', 1)),
    gradient: randomNormal(shape, 0, 1, 'float32', 2),
    firstMoment: own(() => randomNormal(shape, 0, 1, 'float32', 3)),
    secondMoment: own(() => randomUniform(shape, 0, 1, 'float32', 4)),
  };
}

function values({ value, firstMoment, secondMoment }: AdamVariable): Float32Array[] {
  return [value, firstMoment, secondMoment].map((t) => t.dataSync() as Float32Array);
}

describe('Adam on the wasm backend', () => {
  beforeAll(async () => {
    await loadWasmBackend(2);
  });

  it.each([
    [[1]],
    [[7]],
    [[3, 3, 8, 16]],
    [[3, 3, 129, 131]],
  ])('moves a variable of shape %j as the composed one does', (shape) => {
    const [actual, expected] = [variableOf(shape), variableOf(shape)];
    adamUpdate([actual], step);
    composedUpdate([expected], step);
    const wanted = values(expected);
    for (const [i, moved] of values(actual).entries()) {
      expect(relativeError(moved, wanted[i]!)).toBeLessThan(1e-6);
    }
  });

  it('leaves a clone of a variable as it was', () => {
    const moved = variableOf([5]);
    const clone = moved.value.clone();
    const before = clone.dataSync();
    adamUpdate([moved], step);
    expect(clone.dataSync()).toEqual(before);
    expect(moved.value.dataSync()).not.toEqual(before);
  });
});
