import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TrainingSet } from '../../src/store/cache-parts.js';
import type { SampleRecord } from '../../src/store/records.js';
import { splitBySubject, subjectOf } from '../../src/streams/training/training-split.js';
import {
  changedPairs,
  decideTraining,
  type LastTraining,
  type TrainingSituation,
} from '../../src/streams/training/when-to-train.js';

function pair(id: string, content = 'c'): SampleRecord {
  const fingerprint = `${id} ${content}`;
  return { id, split: 'train', imageSha: 'i', maskSha: 'm', fingerprint, preprocessing: 'p' };
}
const many = (count: number, subject = 1) =>
  Array.from({ length: count }, (_, n) => pair(`${subject}_${n + 1}`));
const setOf = (pairs: readonly SampleRecord[]): TrainingSet =>
  Object.fromEntries(pairs.map(({ id, fingerprint }) => [id, fingerprint]));

const settings = {
  recipe: 'default',
  size: { height: 16, width: 16 },
  retrainPairs: 2,
  retrainPercent: 10,
} as const;
const lastOf = (pairs: readonly SampleRecord[]): LastTraining => ({
  recipe: 'default',
  size: settings.size,
  trainedOn: setOf(pairs),
});

function decide(situation: Partial<TrainingSituation>) {
  const decision = decideTraining({
    policy: 'auto',
    isRequested: false,
    pairs: many(20),
    hasModel: situation.last !== undefined,
    last: null,
    canResume: false,
    hasFailed: false,
    settings,
    ...situation,
  });
  return decision.train ? decision.reason : `not: ${decision.why}`;
}

describe('decideTraining', () => {
  test.each<[string, Partial<TrainingSituation>]>([
    ['no-model', {}],
    ['resumed', { canResume: true, last: lastOf(many(20)) }],
    ['not: too-few-pairs', { pairs: many(3) }],
    ['not: failed', { hasFailed: true }],
    ['requested', { hasFailed: true, isRequested: true }],
    ['not: current', { hasFailed: true, last: lastOf(many(20)) }],
    ['not: too-few-pairs', { pairs: many(3), isRequested: true }],
    ['no-model', { pairs: many(4) }],
    ['not: current', { last: lastOf(many(20)) }],
    ['settings-changed', { last: { ...lastOf(many(20)), recipe: 'fast' } }],
    ['settings-changed', { last: { ...lastOf(many(20)), size: { height: 32, width: 16 } } }],
    ['no-model', { last: lastOf(many(20)), hasModel: false }],
    ['not: little-changed', { pairs: many(21), last: lastOf(many(20)) }],
    ['data-changed', { pairs: many(23), last: lastOf(many(20)) }],
    [
      'not: little-changed',
      { pairs: many(6), last: lastOf(many(5)), settings: { ...settings, retrainPercent: 0 } },
    ],
    [
      'data-changed',
      { pairs: many(7), last: lastOf(many(5)), settings: { ...settings, retrainPercent: 0 } },
    ],
    [
      'not: little-changed',
      { pairs: many(23), last: lastOf(many(20)), settings: { ...settings, retrainPairs: 4 } },
    ],
    ['data-changed', { pairs: many(18), last: lastOf(many(20)) }],
    [
      'data-changed',
      { pairs: [...many(18), pair('9_1', 'x'), pair('9_2')], last: lastOf(many(20)) },
    ],
    ['not: policy', { policy: 'manual' }],
    ['not: policy', { policy: 'never', canResume: true }],
    ['requested', { policy: 'never', isRequested: true, last: lastOf(many(20)) }],
  ])('%s', (expected, situation) => {
    expect(decide(situation)).toBe(expected);
  });
});

test('new, changed and removed pairs each count once', () => {
  const before = setOf([pair('1_1'), pair('1_2'), pair('1_3')]);
  expect(changedPairs([pair('1_1'), pair('1_2', 'other'), pair('1_4')], before)).toBe(3);
});

test('a pair that is only renamed within its subject is none that changed', () => {
  const named = (id: string, fingerprint: string) => ({ ...pair(id), fingerprint });
  const before = setOf([named('1_1', 'a'), named('1_2', 'b'), named('1_3', 'b')]);
  expect(changedPairs([named('1_7', 'a'), named('1_2', 'b'), named('1_9', 'b')], before)).toBe(0);
  // Two change places.
  expect(changedPairs([named('1_1', 'b'), named('1_2', 'a'), named('1_3', 'b')], before)).toBe(0);
  expect(changedPairs([named('2_1', 'a'), named('1_2', 'b'), named('1_3', 'b')], before)).toBe(2);
});

describe('splitBySubject', () => {
  const subjects = fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 20 });
  const pairsOf = (numbers: readonly number[]) => numbers.flatMap((subject) => many(2, subject));

  test('every pair is in one part, every subject whole, both parts there from two subjects on', () => {
    fc.assert(
      fc.property(subjects, fc.integer({ min: 2, max: 8 }), (numbers, folds) => {
        const pairs = pairsOf(numbers);
        const {
          training,
          validation,
          subjects: count,
          validationSubjects,
        } = splitBySubject(pairs, folds);
        expect([...training, ...validation].map(({ id }) => id).sort()).toEqual(
          pairs.map(({ id }) => id).sort(),
        );
        const validating = new Set(validation.map(subjectOf));
        expect(training.some((sample) => validating.has(subjectOf(sample)))).toBe(false);
        expect([...validating].sort((a, b) => Number(a) - Number(b))).toEqual(validationSubjects);
        expect(count).toBe(numbers.length);
        expect(training.length).toBeGreaterThan(0);
        if (numbers.length > 1) expect(validation.length).toBeGreaterThan(0);
      }),
    );
  });

  test('adding subjects moves no pair once both sides have a subject by hash', () => {
    fc.assert(
      fc.property(subjects, subjects, (numbers, more) => {
        const before = splitBySubject(pairsOf(numbers), 5);
        const all = [
          ...new Set([...numbers, ...more, ...Array.from({ length: 10 }, (_, n) => n + 1)]),
        ];
        const after = splitBySubject(pairsOf(all), 5);
        const grown = splitBySubject(pairsOf([...new Set([...all, 61, 62, 63])]), 5);
        const kept = new Set(after.training.map(({ id }) => id));
        expect(grown.training.filter(({ id }) => kept.has(id))).toHaveLength(kept.size);
        expect(before.fingerprint === after.fingerprint).toBe(numbers.length === all.length);
      }),
    );
  });
});
