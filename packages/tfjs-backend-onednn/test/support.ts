import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
// Registers the gradients.
import '@tensorflow/tfjs-layers';
import { expect } from 'vitest';
import * as onednn from '../src/index.js';

export const available = onednn.isAvailable().available;

/** The same pseudo-random numbers in [-1, 1) at every run. */
export function random(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

export function values(shape: readonly number[], seed: number): Float32Array {
  const next = random(seed);
  return Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, next);
}

export function filled(shape: readonly number[], seed: number): tf.Tensor {
  return tf.tensor(values(shape, seed), [...shape], 'float32');
}

export interface Result {
  shape: number[];
  dtype: string;
  values: number[];
}

/** What f computes on a backend; every tensor is made there and disposed. */
export async function on(backend: string, f: () => tf.Tensor | tf.Tensor[]): Promise<Result[]> {
  await tf.setBackend(backend);
  const before = tf.memory().numTensors;
  const results = tf.tidy(() => {
    const outputs = f();
    return (Array.isArray(outputs) ? outputs : [outputs]).map((t) => ({
      shape: t.shape,
      dtype: t.dtype,
      values: Array.from(t.dataSync()),
    }));
  });
  expect(tf.memory().numTensors).toBe(before);
  return results;
}

/** Largest difference, relative to the largest value. */
export function difference(actual: readonly number[], expected: readonly number[]): number {
  let largest = 1e-3;
  let off = 0;
  for (let i = 0; i < expected.length; i++) {
    const [a, e] = [actual[i]!, expected[i]!];
    if (Object.is(a, e) || a === e) continue;
    if (Number.isNaN(a) && Number.isNaN(e)) continue;
    if (!Number.isFinite(a) || !Number.isFinite(e)) return Number.POSITIVE_INFINITY;
    largest = Math.max(largest, Math.abs(e));
    off = Math.max(off, Math.abs(a - e));
  }
  return off / largest;
}

/** Expects onednn to compute what TensorFlow.js' own cpu backend does. */
export async function expectAsCpu(
  f: () => tf.Tensor | tf.Tensor[],
  tolerance = 2e-6,
  label = '',
): Promise<void> {
  const expected = await on('cpu', f);
  const actual = await on('onednn', f);
  expect(actual.length).toBe(expected.length);
  expected.forEach((e, i) => {
    const a = actual[i]!;
    expect(a.shape, label).toEqual(e.shape);
    expect(a.dtype, label).toBe(e.dtype);
    expect(a.values.length, label).toBe(e.values.length);
    expect(difference(a.values, e.values), `${label} output ${i}`).toBeLessThanOrEqual(tolerance);
  });
}
