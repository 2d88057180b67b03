import { beforeAll, describe, expect, it } from 'vitest';
import { maskTensor, normalisedTensor } from '../../src/model/normalise.js';
import { randomFrom } from '../../src/operators/seeded-random.js';
import { useCpuBackend } from '../support/cpu-backend.js';

const size = { height: 1, width: 2 };

beforeAll(useCpuBackend);

describe('the network input', () => {
  it('is (x / 255 - mean) / std, in rows', () => {
    const input = normalisedTensor(Uint8Array.of(0, 255, 51, 102), 2, size, {
      kind: 'data-set',
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
    for (const kind of ['data-set', 'per-image', 'local-contrast'] as const) {
      const normalisation = { kind, mean: 0.2, std: 0 };
      const input = normalisedTensor(Uint8Array.of(51, 51), 1, size, normalisation);
      expect([...input.dataSync()].every(Number.isFinite)).toBe(true);
    }
  });

  it.each([
    'per-image',
    'local-contrast',
  ] as const)('%s: does not depend on an image being brighter or darker', (kind) => {
    const grid = { height: 16, width: 16 };
    const random = randomFrom(1);
    const dark = Uint8Array.from({ length: 256 }, () => random() * 120);
    const bright = dark.map((grey) => grey + 100);
    const both = Uint8Array.of(...dark, ...bright);
    const input = normalisedTensor(both, 2, grid, { kind, mean: 0.3, std: 0.1 }).dataSync();
    for (let at = 0; at < 256; at++) expect(input[at]).toBeCloseTo(input[256 + at]!, 5);
    expect(new Set(input).size).toBeGreaterThan(50);
  });
});

it('makes masks of floats, whatever the backend does with small integers', () => {
  const masks = maskTensor(Uint8Array.of(0, 1), 1, size);
  expect(masks.dtype).toBe('float32');
  expect(masks.dataSync()).toEqual(Float32Array.of(0, 1));
});
