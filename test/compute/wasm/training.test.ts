import '@tensorflow/tfjs-backend-cpu';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import {
  backend,
  memory,
  randomNormal,
  randomUniform,
  setBackend,
  step,
  sub,
  type Tensor,
  type Tensor4D,
  tensor4d,
  tidy,
  train,
} from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadWasmBackend } from '../../../src/compute/wasm/load.js';
import { memoryOf } from '../../../src/compute/wasm/memory.js';
import { Runtime, runtimeOf, setRuntime } from '../../../src/compute/wasm/runtime.js';
import { relativeError } from '../../support/relative-error.js';
import { lossAndGradients, negativeDice, smallUnet } from './small-unet.js';

type Shape4D = [number, number, number, number];

function sample(shape: Shape4D): { x: Tensor4D; truth: Tensor4D } {
  return {
    x: randomNormal(shape, 0, 1, 'float32', 1) as Tensor4D,
    truth: step(sub(randomUniform(shape, 0, 1, 'float32', 2), 0.7)) as Tensor4D,
  };
}

function gradientsOf(shape: Shape4D, filters: number): Float32Array[] {
  const net = smallUnet(shape[1], shape[2], filters);
  const values = tidy(() => {
    const { x, truth } = sample(shape);
    const { loss, gradients } = lossAndGradients(net, x, truth);
    const probability = net.predictOnBatch(x) as Tensor;
    return [loss, probability, ...gradients].map((t) => t.dataSync() as Float32Array);
  });
  net.dispose();
  return values;
}

describe('training on the wasm backend with two threads', () => {
  beforeAll(async () => {
    const { threads } = await loadWasmBackend(2);
    expect(threads).toBe(2);
  });

  it.each([
    { shape: [2, 16, 20, 1] as Shape4D, filters: 4 },
    { shape: [3, 12, 16, 1] as Shape4D, filters: 8 },
    { shape: [1, 8, 8, 1] as Shape4D, filters: 5 },
  ])('has the loss, prediction and gradients of the cpu backend: $shape, $filters filters', async ({
    shape,
    filters,
  }) => {
    await setBackend('cpu');
    const expected = gradientsOf(shape, filters);
    await setBackend('wasm');
    const actual = gradientsOf(shape, filters);
    expect(actual.length).toBe(expected.length);
    for (const [i, values] of actual.entries()) {
      expect(relativeError(values, expected[i]!), `tensor ${i}`).toBeLessThan(1e-4);
    }
  });

  it('gives bit for bit the same with one thread and with two', async () => {
    await setBackend('wasm');
    const wasm = backend() as BackendWasm;
    const shape: Shape4D = [8, 32, 40, 1];
    const two = gradientsOf(shape, 8);
    const again = gradientsOf(shape, 8);
    const team = runtimeOf(wasm);
    setRuntime(wasm, Runtime.on(wasm));
    const one = gradientsOf(shape, 8);
    setRuntime(wasm, team);
    expect(again).toEqual(two);
    expect(one).toEqual(two);
  });

  it('keeps tensors, bytes and the heap steady over 300 steps, and learns', async () => {
    await setBackend('wasm');
    const shape: Shape4D = [4, 16, 16, 1];
    const net = smallUnet(shape[1], shape[2], 4);
    const optimizer = train.adam(3e-3);
    const { x, truth } = sample(shape);
    const input = tensor4d(x.dataSync(), shape);
    const losses: number[] = [];
    const one = (): void => {
      const loss = optimizer.minimize(
        () => negativeDice(truth, net.apply(input, { training: true }) as Tensor) as never,
        true,
      )!;
      losses.push(loss.dataSync()[0]!);
      loss.dispose();
    };
    for (let i = 0; i < 20; i++) one();
    const before = state();
    for (let i = 0; i < 300; i++) one();
    expect(state()).toEqual(before);
    expect(losses.at(-1)!).toBeLessThan(losses[0]! - 0.2);
    net.dispose();
  });
});

function state(): { tensors: number; bytes: number; heap: number } {
  const { numTensors, numBytes } = memory();
  const heap = memoryOf(backend() as BackendWasm).buffer.byteLength;
  return { tensors: numTensors, bytes: numBytes, heap };
}
