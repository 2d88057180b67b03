import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  alignedDice,
  chooseLeftOut,
  isContradiction,
  type NearPair,
} from '../../src/operators/contradiction.js';

/** Samples as letters: `o` has an outline, `x` one elsewhere, `.` none. All are near-duplicates. */
function leftOutOf(labels: string): string {
  const masks = [...labels];
  const pairs: NearPair[] = masks.flatMap((first, a) =>
    masks.slice(a + 1).map((second, nth) => {
      return { a, b: a + 1 + nth, similarity: 0.9, dice: first === second ? 1 : 0 };
    }),
  );
  const out = new Set(
    chooseLeftOut(
      masks.map((label) => label === '.'),
      pairs,
    ).map(({ index }) => index),
  );
  return masks.map((label, index) => (out.has(index) ? '-' : label)).join('');
}

describe('what is left out of near-identical images', () => {
  test.each([
    ['those that agree stay', 'ooo', 'ooo'],
    ['empty ones among themselves too', '...', '...'],
    ['of a contradictory pair the empty one goes', 'o.', 'o-'],
    ['two empty ones do not outvote an outline', '.o.', '-o-'],
    ['nor do three', '.o..', '-o--'],
    ['four do', '..o..', '..-..'],
    ['one empty among outlines goes', 'oo.ooo', 'oo-ooo'],
    ['an outline elsewhere goes where there are more of the others', 'oox', 'oo-'],
    ['two outlines that nobody else decides on both go', 'ox', '--'],
    ['an empty one does not decide between them', 'ox.', '---'],
    ['one alone stays', 'o', 'o'],
  ])('%s: %s', (_, labels, expected) => {
    expect(leftOutOf(labels)).toBe(expected);
  });

  test('tells the most alike image that says otherwise, and why', () => {
    const pairs = [
      { a: 0, b: 1, similarity: 0.85, dice: 0 },
      { a: 1, b: 2, similarity: 0.95, dice: 0 },
      { a: 0, b: 2, similarity: 0.9, dice: 0.9 },
    ];
    expect(chooseLeftOut([false, true, false], pairs)).toEqual([
      { index: 1, reason: 'empty-against-outlined', against: 2, similarity: 0.95, dice: 0 },
    ]);
    expect(chooseLeftOut([false, false, false], pairs)).toMatchObject([
      { index: 1, reason: 'outline-elsewhere' },
    ]);
  });

  const graph = fc.integer({ min: 2, max: 12 }).chain((count) =>
    fc.record({
      isEmpty: fc.array(fc.boolean(), { minLength: count, maxLength: count }),
      pairs: fc.uniqueArray(
        fc
          .record({
            a: fc.integer({ min: 0, max: count - 2 }),
            step: fc.integer({ min: 1, max: count }),
            similarity: fc.double({ min: 0.8, max: 1, noNaN: true }),
            dice: fc.double({ min: 0, max: 1, noNaN: true }),
          })
          .map(({ step, ...pair }) => ({ ...pair, b: Math.min(count - 1, pair.a + step) })),
        { selector: ({ a, b }) => `${a} ${b}` },
      ),
    }),
  );

  test('no contradiction remains, and nothing goes that nobody contradicted', () => {
    fc.assert(
      fc.property(graph, ({ isEmpty, pairs }) => {
        const leftOut = chooseLeftOut(isEmpty, pairs);
        const out = new Set(leftOut.map(({ index }) => index));
        const remaining = pairs.filter(({ a, b }) => !out.has(a) && !out.has(b));
        expect(remaining.filter(isContradiction)).toEqual([]);
        for (const { index, against } of leftOut) {
          const pair = pairs.find(
            ({ a, b }) => a + b === index + against && (a === index || b === index),
          );
          expect(pair && isContradiction(pair)).toBe(true);
        }
      }),
    );
  });

  test('the order in which pairs are found does not matter', () => {
    fc.assert(
      fc.property(graph, fc.infiniteStream(fc.nat()), ({ isEmpty, pairs }, numbers) => {
        const keyed = pairs.map((pair) => ({ pair, key: numbers.next().value as number }));
        const shuffled = keyed.sort((x, y) => x.key - y.key).map(({ pair }) => pair);
        expect(chooseLeftOut(isEmpty, shuffled)).toEqual(chooseLeftOut(isEmpty, pairs));
      }),
    );
  });
});

describe('alignedDice', () => {
  const size = { height: 4, width: 5 };
  const mask = (...set: number[]) => Uint8Array.from({ length: 20 }, (_, at) => +set.includes(at));

  test('moves the second mask back by what its image was moved', () => {
    expect(alignedDice(mask(6, 7), mask(12, 13), size, { right: 0.2, down: 0.25 })).toBe(1);
    expect(alignedDice(mask(12, 13), mask(6, 7), size, { right: -0.2, down: -0.25 })).toBe(1);
    expect(alignedDice(mask(6, 7), mask(12, 13), size, { right: 0, down: 0 })).toBe(0);
  });

  test('empty against empty is 1, against an outline 0', () => {
    expect(alignedDice(mask(), mask(), size, { right: 0.2, down: 0 })).toBe(1);
    expect(alignedDice(mask(), mask(3), size, { right: 0, down: 0.25 })).toBe(0);
  });
});
