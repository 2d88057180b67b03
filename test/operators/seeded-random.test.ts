import { expect, test } from 'vitest';
import { randomFrom } from '../../src/operators/seeded-random.js';

const take = (random: () => number, count: number): number[] =>
  Array.from({ length: count }, random);

test('equal seeds give equal streams, and the stream is the same forever', () => {
  expect(take(randomFrom(1, 'order', 2), 50)).toEqual(take(randomFrom(1, 'order', 2), 50));
  expect(take(randomFrom(42, 'pinned'), 3)).toMatchInlineSnapshot(`
    [
      0.2741133342497051,
      0.45932811871171,
      0.18229171284474432,
    ]
  `);
});

test('seeds that look alike give unrelated streams', () => {
  const streams = [
    randomFrom(),
    randomFrom(0),
    randomFrom(1),
    randomFrom('1'),
    randomFrom(1, 2),
    randomFrom(2, 1),
    randomFrom(12),
    randomFrom('1,2'),
    randomFrom('ab', 'c'),
    randomFrom('a', 'bc'),
  ].map((random) => take(random, 2000));
  for (const [a, first] of streams.entries()) {
    for (const second of streams.slice(a + 1)) {
      const correlation =
        (first.reduce((sum, x, index) => sum + (x - 0.5) * (second[index]! - 0.5), 0) / 2000) * 12;
      expect(Math.abs(correlation)).toBeLessThan(0.12);
    }
  }
});

test('numbers are spread evenly over [0, 1), also the first of many streams', () => {
  for (const numbers of [
    take(randomFrom('even'), 100_000),
    Array.from({ length: 100_000 }, (_, seed) => randomFrom(seed)()),
  ]) {
    const bins = new Array<number>(100).fill(0);
    for (const number of numbers) {
      if (!(number >= 0 && number < 1)) expect.fail(`${number} is outside [0, 1)`);
      bins[Math.floor(number * 100)]!++;
    }
    const chiSquared = bins.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    // 99 degrees of freedom: 45..173 holds all but one in 100,000.
    expect(chiSquared).toBeGreaterThan(45);
    expect(chiSquared).toBeLessThan(173);
  }
});
