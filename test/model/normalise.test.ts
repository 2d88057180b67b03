import { beforeAll, describe, expect, it } from 'vitest';
import { maskTensor, normalisedTensor } from '../../src/model/normalise.js';
import { useCpuBackend } from './support.js';

const size = { height: 1, width: 2 };

beforeAll(useCpuBackend);

describe('the network input', () => {
  it('is (x / 255 - mean) / std, in rows', () => {
    const input = normalisedTensor(Uint8Array.of(0, 255, 51, 102), 2, size, {
      mean: 0.2,
      std: 0.4,
    });
    expect(input.shape).toEqual([2, 1, 2, 1]);
    const expected = [-0.5, 2, 0, 0.5];
    for (const [index, value] of input.dataSync().entries()) {
      expect(value).toBeCloseTo(expected[index]!);
    }
  });

  it('is finite for images without any contrast', () => {
    const input = normalisedTensor(Uint8Array.of(51, 51), 1, size, { mean: 0.2, std: 0 });
    expect([...input.dataSync()].every(Number.isFinite)).toBe(true);
  });
});

it('makes masks of floats, whatever the backend does with small integers', () => {
  const masks = maskTensor(Uint8Array.of(0, 1), 1, size);
  expect(masks.dtype).toBe('float32');
  expect(masks.dataSync()).toEqual(Float32Array.of(0, 1));
});
