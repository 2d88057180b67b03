import fc from 'fast-check';
import { expect, test } from 'vitest';
import { axisWeights } from '../../src/operators/resize-weights.js';

/** Weights of each target pixel, by source pixel. */
function table(from: number, to: number): number[][] {
  const { starts, offsets, weights } = axisWeights(from, to);
  return Array.from({ length: to }, (_, target) => {
    const row = new Array<number>(from).fill(0);
    for (let tap = offsets[target]!; tap < offsets[target + 1]!; tap++) {
      row[starts[target]! + tap - offsets[target]!] = weights[tap]!;
    }
    return row;
  });
}

test('shrinking shares the pixels out, enlarging goes from centre to centre', () => {
  expect(table(3, 2)).toEqual([
    [2, 1, 0],
    [0, 1, 2],
  ]);
  expect(table(2, 4)).toEqual([
    [8, 0],
    [6, 2],
    [2, 6],
    [0, 8],
  ]);
});

test('weights are positive whole numbers within the axis that add up to the total', () => {
  const length = fc.integer({ min: 1, max: 60 });
  fc.assert(
    fc.property(length, length, (from, to) => {
      const { total } = axisWeights(from, to);
      for (const row of table(from, to)) {
        expect(row).toHaveLength(from);
        expect(row.every((weight) => Number.isInteger(weight) && weight >= 0)).toBe(true);
        expect(row.reduce((sum, weight) => sum + weight, 0)).toBe(total);
      }
    }),
  );
});

test('shrinking uses every source pixel equally', () => {
  const rows = table(580, 80);
  for (let source = 0; source < 580; source++) {
    expect(rows.reduce((sum, row) => sum + row[source]!, 0)).toBe(80);
  }
});
