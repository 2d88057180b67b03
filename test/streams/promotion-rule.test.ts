import { describe, expect, test } from 'vitest';
import type { ModelCard } from '../../src/model/card.js';
import type { SampleRecord } from '../../src/store/records.js';
import { commonValidation, promoteTheBetter } from '../../src/streams/training/promotion-rule.js';
import { startOf } from '../../src/streams/training/start-of-training.js';
import { fakeCard } from '../support/fake-compute.js';

const settings = { recipe: 'default', size: { height: 16, width: 16 }, fresh: false } as const;

function cardOf(validationSubjects: number[], trainedSubjects?: number[]): ModelCard {
  const card = fakeCard({ modelId: 'm' });
  const fold = { index: 0, count: 5, validationSubjects };
  return { ...card, fold: trainedSubjects === undefined ? fold : { ...fold, trainedSubjects } };
}

function pair(id: string): SampleRecord {
  return {
    id,
    split: 'train',
    imageSha: id,
    maskSha: id,
    fingerprint: id,
    preprocessing: 'p',
  };
}

describe('where a training starts', () => {
  const standing = cardOf([3], [1, 2]);
  const split = { validationSubjects: [3] };

  test('from the model that is there', () => {
    expect(startOf(standing, split, settings)).toEqual({ from: standing });
  });

  test('anew without one and with --fresh, which needs no word', () => {
    expect(startOf(null, split, settings)).toEqual({ from: null, why: null });
    expect(startOf(standing, split, { ...settings, fresh: true })).toEqual({
      from: null,
      why: null,
    });
  });

  test.each([
    ['another recipe', { ...standing, recipe: 'fast' }, /recipe fast at 16x16/],
    ['another size', { ...standing, size: { height: 32, width: 16 } }, /at 32x16/],
    ['nothing said of what it learnt from', cardOf([3]), /does not say/],
    ['a validation subject it has learnt from', cardOf([1], [2, 3]), /learnt from subject 3,/],
  ])('anew after %s, and says so', (_, card, why) => {
    expect(startOf(card, split, settings)).toEqual({
      from: null,
      why: expect.stringMatching(why),
    });
  });
});

describe('what two models can be compared on', () => {
  const validation = ['3_1', '3_2', '7_1', '8_1'].map(pair);

  test('the pairs of today of subjects that validated for both', () => {
    const { subjects, pairs } = commonValidation(
      cardOf([3, 7], [1]),
      cardOf([3, 8], [1]),
      validation,
    );
    expect(subjects).toEqual([3]);
    expect(pairs.map(({ id }) => id)).toEqual(['3_1', '3_2']);
  });

  test('never a subject that either has learnt from, be it long ago', () => {
    const learnt = cardOf([3, 7], [1, 3]);
    expect(commonValidation(cardOf([3, 7]), learnt, validation).subjects).toEqual([7]);
    expect(commonValidation(learnt, cardOf([3]), validation).pairs).toEqual([]);
  });
});

describe('the better model predicts', () => {
  const on = { subjects: [3], pairs: [pair('3_1')] };

  test.each([
    [0.6, 0.5, 'model.promoted'],
    [0.5, 0.5, 'model.promoted'],
    [0.4, 0.5, 'model.kept'],
  ])('%d against %d: %s', (imageDice, previousImageDice, type) => {
    const verdict = promoteTheBetter('new', 'old', { ...on, imageDice, previousImageDice });
    expect(verdict).toMatchObject({ type, pairs: 1, subjects: [3] });
    expect(verdict.modelId).toBe(type === 'model.kept' ? 'old' : 'new');
  });
});
