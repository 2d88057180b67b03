import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // brings the gradient functions
import {
  conv2d,
  conv2dTranspose,
  grads,
  randomNormal,
  setBackend,
  type Tensor,
  type Tensor4D,
  tensor4d,
  tidy,
} from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadWasmBackend } from '../../../src/compute/wasm/load.js';
import { relativeError } from '../../support/relative-error.js';

type Shape4D = [number, number, number, number];

interface Case {
  readonly x: Shape4D;
  readonly filter: Shape4D;
  readonly strides: number;
  readonly pad: 'same' | 'valid' | number;
}

/** Odd sizes, single channels, batch 1, widths that no tile divides, more filters than one tile. */
const inputs: Shape4D[] = [
  [1, 1, 1, 1],
  [1, 5, 7, 1],
  [2, 6, 4, 3],
  [3, 8, 10, 8],
  [2, 4, 5, 17],
  [1, 9, 13, 16],
];
const cases: Case[] = inputs.flatMap((x) =>
  [1, 2, 3].flatMap((size) =>
    [1, 2].flatMap((strides) =>
      (['same', 'valid', 1] as const)
        .filter((pad) => pad === 'same' || (x[1] >= size && x[2] >= size))
        .filter((pad) => pad !== 1 || size === 3)
        .flatMap((pad) =>
          [1, 8, 11].map((k): Case => ({ x, filter: [size, size, x[3], k], strides, pad })),
        ),
    ),
  ),
);

async function on<T>(backend: string, run: () => T): Promise<T> {
  await setBackend(backend);
  return run();
}

function values(seed: number, shape: Shape4D): Tensor4D {
  return randomNormal(shape, 0, 1, 'float32', seed);
}

/** Forward value and both gradients of sum(f(a, b) * weights), as plain arrays. */
function valueAndGradients(
  a: { shape: Shape4D; data: Float32Array },
  b: { shape: Shape4D; data: Float32Array },
  f: (a: Tensor4D, b: Tensor4D) => Tensor4D,
): Float32Array[] {
  return tidy(() => {
    const inputs = [tensor4d(a.data, a.shape), tensor4d(b.data, b.shape)];
    const value = f(inputs[0] as Tensor4D, inputs[1] as Tensor4D);
    const dy = values(7, value.shape);
    const both = grads(f as (...t: Tensor[]) => Tensor)(inputs, dy);
    return [value, ...both].map((t) => t.dataSync() as Float32Array);
  });
}

async function compare(
  aShape: Shape4D,
  bShape: Shape4D,
  f: (a: Tensor4D, b: Tensor4D) => Tensor4D,
): Promise<void> {
  await setBackend('cpu');
  const a = { shape: aShape, data: values(1, aShape).dataSync() as Float32Array };
  const b = { shape: bShape, data: values(2, bShape).dataSync() as Float32Array };
  const expected = await on('cpu', () => valueAndGradients(a, b, f));
  const actual = await on('wasm', () => valueAndGradients(a, b, f));
  for (const [i, name] of ['value', 'gradient of input', 'gradient of filter'].entries()) {
    expect(relativeError(actual[i]!, expected[i]!), name).toBeLessThan(1e-4);
  }
}

describe('convolutions of the wasm backend', () => {
  beforeAll(async () => {
    await loadWasmBackend(1);
  });

  it(`equals the cpu backend on ${cases.length} shapes`, async () => {
    for (const { x, filter, strides, pad } of cases) {
      try {
        await compare(x, filter, (a, b) => conv2d(a, b, strides, pad));
      } catch (error) {
        throw new Error(`${JSON.stringify({ x, filter, strides, pad })}: ${error}`);
      }
    }
  });

  it('equals the cpu backend where images come in several blocks and strips', async () => {
    await compare([23, 14, 18, 8], [3, 3, 8, 8], (a, b) => conv2d(a, b, 1, 'same'));
    await compare([4, 33, 41, 16], [3, 3, 16, 8], (a, b) => conv2d(a, b, 1, 'valid'));
    await compare([3, 32, 40, 24], [2, 2, 24, 8], (a, b) => conv2d(a, b, 2, 'same'));
    await compare([9, 4, 5, 48], [3, 3, 48, 56], (a, b) => conv2d(a, b, 1, 'same'));
  });

  it('equals the cpu backend for transposed convolutions', async () => {
    for (const [n, h, w, c] of inputs) {
      for (const size of [1, 2, 3]) {
        for (const strides of [1, 2]) {
          for (const k of [1, 8, 11]) {
            await compare([n, h, w, c], [size, size, k, c], (a, b) =>
              conv2dTranspose(a, b, [n, h * strides, w * strides, k], strides, 'same'),
            );
          }
        }
      }
    }
  });
});
