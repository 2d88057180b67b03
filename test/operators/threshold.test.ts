import { expect, test } from 'vitest';
import { threshold } from '../../src/operators/threshold.js';

test('from the threshold on, a pixel is foreground', () => {
  expect(threshold(Float32Array.of(0, 0.49999, 0.5, 0.50001, 1), 0.5)).toEqual({
    mask: Uint8Array.of(0, 0, 1, 1, 1),
    pixels: 3,
  });
});

test('NaN is background, 0 makes all foreground', () => {
  expect(threshold(Float32Array.of(Number.NaN, 1), 0.5).pixels).toBe(1);
  expect(threshold(new Float32Array(4), 0).pixels).toBe(4);
});
