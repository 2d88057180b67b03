import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // brings the gradient functions
import {
  add,
  concat,
  grad,
  maxPool,
  randomUniform,
  relu,
  setBackend,
  split,
  sub,
  sum,
  type Tensor,
  type Tensor4D,
  tensor,
  tidy,
} from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadWasmBackend } from '../../../src/compute/wasm/load.js';
import { relativeError } from '../../support/relative-error.js';

/** Half of them zero, so that pooling windows have ties. */
function values(seed: number, shape: number[]): Tensor {
  return relu(sub(randomUniform(shape, 0, 2, 'float32', seed), 1));
}

async function expectSame(
  shapes: number[][],
  f: (...tensors: Tensor[]) => Tensor[],
): Promise<void> {
  await setBackend('cpu');
  const data = shapes.map((shape, i) => values(i + 1, shape).dataSync());
  const run = () =>
    tidy(() =>
      f(...shapes.map((shape, i) => tensor(data[i]!, shape))).map((t) => ({
        shape: t.shape,
        data: t.dataSync() as Float32Array,
      })),
    );
  const expected = run();
  await setBackend('wasm');
  const actual = run();
  expect(actual.map((t) => t.shape)).toEqual(expected.map((t) => t.shape));
  for (const [i, { data: result }] of actual.entries()) {
    expect(relativeError(result, expected[i]!.data)).toBeLessThan(1e-5);
  }
}

describe('passes over activations on the wasm backend', () => {
  beforeAll(async () => {
    await loadWasmBackend(2);
  });

  it.each([
    [1, 2, 2, 1],
    [2, 6, 10, 3],
    [2, 4, 8, 8],
    [1, 4, 6, 13],
    [8, 64, 80, 8], // large enough to be shared among threads
  ])('the gradient of 2x2 max pooling goes to the first largest: %i x %i x %i x %i', async (...shape) => {
    await expectSame([shape], (x) => {
      const pool = (t: Tensor) => maxPool(t as Tensor4D, 2, 2, 'valid');
      const dy = values(9, pool(x!).shape);
      return [grad(pool)(x!, dy)];
    });
  });

  it.each([
    { a: [2, 3, 5, 8], b: [2, 3, 5, 4], axis: 3 },
    { a: [2, 3, 5, 1], b: [2, 3, 5, 7], axis: -1 },
    { a: [2, 3], b: [4, 3], axis: 0 },
    { a: [2, 3, 4], b: [2, 5, 4], axis: 1 },
    { a: [8, 64, 40, 12], b: [8, 64, 40, 12], axis: 3 },
  ])('concatenates and splits $a and $b along $axis', async ({ a, b, axis }) => {
    await expectSame([a, b], (x, y) => {
      const joined = concat([x!, y!], axis);
      const at = axis < 0 ? axis + a.length : axis;
      return [joined, ...split(joined, [a[at]!, b[at]!], axis)];
    });
  });

  it.each([
    { x: [2, 3, 5, 8], bias: [8] },
    { x: [2, 3, 5, 7], bias: [7] },
    { x: [2, 3, 5, 7], bias: [1, 1, 1, 7] },
    { x: [2, 3, 5, 7], bias: [5, 7] }, // no bias: the backend's own kernel
    { x: [8, 64, 80, 8], bias: [8] },
  ])('adds $bias to $x and sums it back', async ({ x, bias }) => {
    await expectSame([x, bias], (a, b) => [
      add(a!, b!),
      sum(a!, [0, 1, 2]),
      sum(a!, [0, 1, 2], true),
      sum(a!, [1, 2]),
      sum(a!),
    ]);
  });
});
