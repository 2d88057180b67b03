import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { recipes } from '../../src/model/recipe.js';
import type { SampleRecord } from '../../src/store/records.js';
import { planEvaluation } from '../../src/streams/evaluation/evaluation-plan.js';
import { subjectOf } from '../../src/streams/training/training-split.js';

const settings = {
  size: { height: 16, width: 16 },
  batchSize: 4,
  epochs: 2,
  folds: 5,
  precision: 'float32',
} as const;

function pair(subject: number, index = 1): SampleRecord {
  const id = `${subject}_${index}`;
  return {
    id,
    split: 'train',
    imageSha: `i${id}`,
    maskSha: `m${id}`,
    fingerprint: `f${id}`,
    preprocessing: '16x16:v1',
  };
}

const planOf = (pairs: readonly SampleRecord[], changes: Partial<typeof settings> = {}) =>
  planEvaluation(pairs, recipes.default, { ...settings, ...changes }, '0.1.0');

describe('planEvaluation', () => {
  test('holds each pair out once, and no subject stands on two sides of a fold', () => {
    const subjects = fc.uniqueArray(fc.integer({ min: 1, max: 60 }), {
      minLength: 2,
      maxLength: 20,
    });
    fc.assert(
      fc.property(subjects, fc.integer({ min: 2, max: 12 }), (numbers, folds) => {
        const pairs = numbers.flatMap((subject) => [pair(subject, 1), pair(subject, 2)]);
        const plan = planEvaluation(pairs, recipes.default, { ...settings, folds }, '1')!;
        const held = plan.folds.flatMap(({ heldOut }) => heldOut.map(({ id }) => id));
        expect(held.sort()).toEqual(pairs.map(({ id }) => id).sort());
        for (const { heldOut, training, validation } of plan.folds) {
          expect(heldOut.length + training.length + validation.length).toBe(pairs.length);
          expect(training.length).toBeGreaterThan(0);
          const sides = [heldOut, training, validation].map((side) => new Set(side.map(subjectOf)));
          const together = new Set(sides.flatMap((side) => [...side]));
          expect(sides.reduce((sum, side) => sum + side.size, 0)).toBe(together.size);
        }
      }),
    );
  });

  test('an added subject moves no other one to another fold', () => {
    const pairs = Array.from({ length: 12 }, (_, nth) => pair(nth + 1));
    const foldsOf = (plan: NonNullable<ReturnType<typeof planOf>>) =>
      plan.folds.map(({ subjects }) => subjects.filter((subject) => Number(subject) <= 12));
    expect(foldsOf(planOf([...pairs, pair(40)])!)).toEqual(foldsOf(planOf(pairs)!));
  });

  test('names the folds that hold nobody', () => {
    const few = planOf([pair(1), pair(2), pair(3)])!;
    expect(few.folds.length + few.emptyFolds.length).toBe(5);
    expect(planOf(Array.from({ length: 20 }, (_, nth) => pair(nth + 1)))!.emptyFolds).toEqual([]);
  });

  test('one subject cannot be held out', () => {
    expect(planOf([pair(3, 1), pair(3, 2)])).toBeNull();
  });

  test('the fingerprint is of data, recipe and settings', () => {
    const pairs = [pair(1), pair(2), pair(3)];
    const all = [
      planOf(pairs)!,
      planOf([...pairs, pair(4)])!,
      planOf([pair(1), pair(2), { ...pair(3), fingerprint: 'changed' }])!,
      planOf(pairs, { epochs: 3 as never })!,
      planEvaluation(pairs, recipes.fast, settings, '0.1.0')!,
      planEvaluation(pairs, recipes.default, settings, '0.2.0')!,
    ].map(({ fingerprint }) => fingerprint);
    expect(new Set(all).size).toBe(all.length);
    expect(planOf([...pairs].reverse())!.fingerprint).toBe(all[0]);
  });
});
