import { expect, it } from 'vitest';
import { PreviewAllowance } from '../../src/streams/prediction/preview-allowance.js';

it('a few at once, then two a second', () => {
  let now = 0;
  const allowance = new PreviewAllowance(() => now);
  const takenOf = (asked: number): number =>
    Array.from({ length: asked }, () => allowance.take()).filter(Boolean).length;
  expect(takenOf(100)).toBe(8);
  now += 1_000;
  expect(takenOf(100)).toBe(2);
  now += 3_600_000;
  expect(takenOf(100)).toBe(8);
});
