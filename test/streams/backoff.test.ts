import { expect, test } from 'vitest';
import { Backoff } from '../../src/streams/backoff.js';

test('doubles up to the most, and begins again after a success', () => {
  const backoff = new Backoff(5, 30);
  expect([1, 2, 3, 4, 5].map(() => backoff.next())).toEqual([5, 10, 20, 30, 30]);
  backoff.succeeded();
  expect(backoff.next()).toBe(5);
});
