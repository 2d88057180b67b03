import { expect, test } from 'vitest';
import { type Burst, nextBurst } from '../../src/streams/intake/burst.js';

test.each<[Burst, inFlight: number, Burst]>([
  ['scanning', 3, 'scanning'],
  ['scanning', 0, 'closing'],
  ['closing', 1, 'closing'],
  ['closing', 0, 'idle'],
  ['idle', 0, 'idle'],
  ['idle', 1, 'working'],
  ['working', 2, 'working'],
  ['working', 0, 'idle'],
])('%s with %d in flight is %s', (before, inFlight, after) => {
  expect(nextBurst(before, inFlight)).toBe(after);
});

test('idle is reached once for each burst, and only after the first scan was closed', () => {
  let burst: Burst = 'scanning';
  const bursts = [1, 2, 0, 1, 2, 0, 1, 1, 0].map((inFlight) => {
    burst = nextBurst(burst, inFlight);
    return burst;
  });
  expect(bursts.filter((now, at) => now !== bursts[at - 1])).toEqual([
    ...['scanning', 'closing', 'idle', 'working', 'idle'],
  ]);
});
