import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { GridSize } from '../../src/operators/image.js';
import {
  maskFromProbabilities,
  resizeProbabilities,
} from '../../src/operators/resize-probabilities.js';
import { randomFrom } from '../../src/operators/seeded-random.js';
import { threshold } from '../../src/operators/threshold.js';

const anySize = fc.record({
  height: fc.integer({ min: 1, max: 30 }),
  width: fc.integer({ min: 1, max: 30 }),
});

function noise({ height, width }: GridSize, seed: number): Float32Array {
  return Float32Array.from({ length: height * width }, randomFrom(seed));
}

/** One value at a time, from the definition of bilinear sampling with half-pixel centres. */
function naive(map: Float32Array, from: GridSize, to: GridSize, y: number, x: number): number {
  const inside = (value: number, length: number) => Math.min(Math.max(value, 0), length - 1);
  const down = ((y + 0.5) * from.height) / to.height - 0.5;
  const across = ((x + 0.5) * from.width) / to.width - 0.5;
  const at = (row: number, column: number) =>
    map[inside(row, from.height) * from.width + inside(column, from.width)]!;
  const [top, left] = [Math.floor(down), Math.floor(across)];
  const [v, u] = [down - top, across - left];
  return (
    (1 - v) * ((1 - u) * at(top, left) + u * at(top, left + 1)) +
    v * ((1 - u) * at(top + 1, left) + u * at(top + 1, left + 1))
  );
}

test('resizing agrees with the definition', () => {
  fc.assert(
    fc.property(anySize, anySize, fc.integer(), (from, to, seed) => {
      const map = noise(from, seed);
      const resized = resizeProbabilities(map, from, to);
      for (const [index, value] of resized.entries()) {
        const expected = naive(map, from, to, Math.floor(index / to.width), index % to.width);
        expect(Math.abs(value - expected)).toBeLessThan(1e-6);
      }
    }),
  );
});

test('the same size changes nothing, and no value leaves the range', () => {
  const size = { height: 64, width: 80 };
  const map = noise(size, 1);
  expect(resizeProbabilities(map, size, size)).toEqual(map);
  const large = resizeProbabilities(map, size, { height: 420, width: 580 });
  expect(Math.max(...large.subarray(0, 50_000))).toBeLessThanOrEqual(Math.max(...map));
  expect(Math.min(...large.subarray(0, 50_000))).toBeGreaterThanOrEqual(Math.min(...map));
  const flat = resizeProbabilities(new Float32Array(5120).fill(0.7), size, {
    height: 7,
    width: 200,
  });
  expect(flat.every((value) => value === Math.fround(0.7))).toBe(true);
});

test('a mask is the thresholded resized map, bit for bit', () => {
  fc.assert(
    fc.property(
      anySize,
      anySize,
      fc.integer(),
      fc.double({ min: 0, max: 1 }),
      (from, to, seed, least) => {
        const map = noise(from, seed);
        expect(maskFromProbabilities(map, from, to, least)).toEqual(
          threshold(resizeProbabilities(map, from, to), least),
        );
      },
    ),
  );
});

test("resizing before the threshold finds edges between the network's pixels", () => {
  const from = { height: 1, width: 2 };
  const to = { height: 1, width: 8 };
  const edge = (left: number, right: number) =>
    [...maskFromProbabilities(Float32Array.of(left, right), from, to, 0.5).mask].join('');
  expect(edge(1, 0)).toBe('11110000');
  expect(edge(0.9, 0.4)).toBe('11111000');
  expect(edge(0.6, 0)).toBe('11100000');
});

test('a map of another size is a mistake of the caller', () => {
  const size = { height: 2, width: 2 };
  expect(() => maskFromProbabilities(new Float32Array(5), size, size, 0.5)).toThrow(RangeError);
});
