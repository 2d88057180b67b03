import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  crossValidationRounds,
  foldOf,
  validationSubjects,
} from '../../src/operators/subject-folds.js';

const numbered = (count: number): number[] =>
  Array.from({ length: count }, (_, index) => index + 1);
const anySubjects = fc.uniqueArray(fc.nat({ max: 300 }), { maxLength: 60 });

test('the fold of a subject never changes: saved models and metrics rely on it', () => {
  expect(
    numbered(47)
      .map((subject) => foldOf(subject, 5))
      .join(''),
  ).toMatchInlineSnapshot(`"42011320313410224024310343143204030424213100112"`);
  expect(
    numbered(12)
      .map((subject) => foldOf(subject, 3))
      .join(''),
  ).toMatchInlineSnapshot(`"122201111002"`);
});

test("Kaggle's 47 subjects fall evenly into 5 folds", () => {
  const sizes = [0, 1, 2, 3, 4].map(
    (fold) => validationSubjects(numbered(47), { folds: 5, fold }).size,
  );
  expect(Math.min(...sizes)).toBeGreaterThanOrEqual(8);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(11);
});

test('nothing validates on fewer than two subjects', () => {
  expect(validationSubjects([], { folds: 5, fold: 0 })).toEqual(new Set());
  for (const subject of numbered(20)) {
    expect(validationSubjects([subject, subject], { folds: 5, fold: 0 })).toEqual(new Set());
  }
});

test('from two subjects on, some validate and some train', () => {
  fc.assert(
    fc.property(
      anySubjects,
      fc.integer({ min: 1, max: 8 }),
      fc.nat(),
      (subjects, folds, number) => {
        fc.pre(subjects.length >= 2);
        const chosen = validationSubjects(subjects, { folds, fold: number % folds });
        expect(chosen.size).toBeGreaterThan(0);
        expect(chosen.size).toBeLessThan(subjects.length);
        for (const subject of chosen) expect(subjects).toContain(subject);
      },
    ),
  );
});

test('no subject moves when others come, once fold and rest have one each', () => {
  fc.assert(
    fc.property(anySubjects, anySubjects, fc.nat({ max: 4 }), (before, added, fold) => {
      const folds = before.map((subject) => foldOf(subject, 5));
      fc.pre(folds.some((own) => own === fold) && folds.some((own) => own !== fold));
      const then = validationSubjects(before, { folds: 5, fold });
      const now = validationSubjects([...added, ...before], { folds: 5, fold });
      expect(new Set(before.filter((subject) => now.has(subject)))).toEqual(then);
    }),
  );
});

test('order and repetition of the subjects do not matter', () => {
  fc.assert(
    fc.property(anySubjects, (subjects) => {
      const fold = { folds: 5, fold: 0 };
      expect(validationSubjects([...subjects, ...subjects].reverse(), fold)).toEqual(
        validationSubjects(subjects, fold),
      );
    }),
  );
});

test('a cross-validation validates every subject exactly once', () => {
  fc.assert(
    fc.property(anySubjects, fc.integer({ min: 1, max: 8 }), (subjects, folds) => {
      const rounds = crossValidationRounds(subjects, folds);
      if (subjects.length < 2) {
        expect(rounds).toEqual([]);
        return;
      }
      expect(rounds.flatMap((round) => [...round]).sort()).toEqual([...subjects].sort());
      for (const round of rounds) {
        expect(round.size).toBeGreaterThan(0);
        expect(round.size).toBeLessThan(subjects.length);
      }
    }),
  );
});
