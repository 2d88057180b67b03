import { expect, test } from 'vitest';
import { uncertaintyRanking } from '../../src/operators/uncertainty-ranking.js';

const image = (uncertainty: number, dice: number) => ({ uncertainty, dice });

test('sets the surest half beside the rest', () => {
  const ranking = uncertaintyRanking([image(0.5, 0.2), image(0.1, 0.9), image(0.3, 0.7)]);
  expect(ranking.correlation).toBeCloseTo(1, 12);
  expect(ranking.surestHalfDice).toBe(0.9);
  expect(ranking.otherHalfDice).toBeCloseTo(0.45, 12);
});

test('of an uncertainty that is wrong throughout, says so', () => {
  const ranking = uncertaintyRanking([image(0.9, 1), image(0.1, 0)]);
  expect(ranking).toEqual({ correlation: -1, surestHalfDice: 0, otherHalfDice: 1 });
});

test('says nothing of nothing, and no correlation where all are equally sure', () => {
  const nothing = { correlation: null, surestHalfDice: null, otherHalfDice: null };
  expect(uncertaintyRanking([])).toEqual(nothing);
  expect(uncertaintyRanking([image(0.1, 1)])).toEqual(nothing);
  expect(uncertaintyRanking([image(0.1, 1), image(0.1, 0)]).correlation).toBeNull();
});
