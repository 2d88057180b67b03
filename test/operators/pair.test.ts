import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  joinPair,
  noHalves,
  type PairEvent,
  type PairOutcome,
  type PairState,
} from '../../src/operators/pair.js';

function outcomes(...events: PairEvent<string, string>[]): PairOutcome<string, string>[] {
  let state: PairState<string, string> = noHalves;
  return events.map((event) => {
    const step = joinPair(state, event);
    state = step.state;
    return step.outcome;
  });
}

const image = (item: string | null): PairEvent<string, string> => ({ half: 'image', item });
const mask = (item: string | null): PairEvent<string, string> => ({ half: 'mask', item });

test('an image waits for its mask, a mask for its image', () => {
  expect(outcomes(image('i'), mask('m'))).toEqual([
    { kind: 'waiting', missing: 'mask' },
    { kind: 'completed', image: 'i', mask: 'm' },
  ]);
  expect(outcomes(mask('m'), image('i'))).toEqual([
    { kind: 'waiting', missing: 'image' },
    { kind: 'completed', image: 'i', mask: 'm' },
  ]);
});

test('a replaced half makes a new pair, or goes on waiting', () => {
  expect(outcomes(image('i'), image('j'), mask('m'), mask('n'), image('k'))).toEqual([
    { kind: 'waiting', missing: 'mask' },
    { kind: 'waiting', missing: 'mask' },
    { kind: 'completed', image: 'j', mask: 'm' },
    { kind: 'completed', image: 'j', mask: 'n' },
    { kind: 'completed', image: 'k', mask: 'n' },
  ]);
});

test('a removed half breaks the pair, which a new one mends', () => {
  expect(outcomes(image('i'), mask('m'), mask(null), mask('n'), image(null), mask(null))).toEqual([
    { kind: 'waiting', missing: 'mask' },
    { kind: 'completed', image: 'i', mask: 'm' },
    { kind: 'broken', missing: 'mask' },
    { kind: 'completed', image: 'i', mask: 'n' },
    { kind: 'broken', missing: 'image' },
    { kind: 'gone' },
  ]);
});

test('removing what is not there changes nothing', () => {
  expect(outcomes(mask(null), image('i'), mask(null))).toEqual([
    { kind: 'gone' },
    { kind: 'waiting', missing: 'mask' },
    { kind: 'waiting', missing: 'mask' },
  ]);
});

test('whatever happens, the last of each half decides', () => {
  const anyEvent = fc.record({
    half: fc.constantFrom('image' as const, 'mask' as const),
    item: fc.option(fc.string()),
  });
  fc.assert(
    fc.property(fc.array(anyEvent, { minLength: 1 }), (events) => {
      const last = (half: 'image' | 'mask') =>
        events.findLast((event) => event.half === half)?.item ?? null;
      const [i, m] = [last('image'), last('mask')];
      const outcome = outcomes(...events).at(-1)!;
      if (i !== null && m !== null)
        expect(outcome).toEqual({ kind: 'completed', image: i, mask: m });
      else if (i === null && m === null) expect(outcome).toEqual({ kind: 'gone' });
      else expect(outcome).toMatchObject({ missing: i === null ? 'image' : 'mask' });
    }),
  );
});
