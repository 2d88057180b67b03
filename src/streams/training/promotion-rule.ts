import type { ModelEvent, PromotionReason } from '../../events.js';
import type { ModelCard } from '../../model/card.js';
import type { Subject } from '../../operators/subject-folds.js';
import type { SampleRecord } from '../../store/records.js';
import { subjectOf, subjectsOf } from './training-split.js';

/** Which of two models predicts from now on, as everybody is told it. */
export type Verdict = Extract<ModelEvent, { type: 'model.promoted' | 'model.kept' }>;

/** What two models can be compared on. */
export interface CommonValidation {
  readonly subjects: readonly (number | string)[];
  readonly pairs: readonly SampleRecord[];
}

/** Today's pairs of the subjects that validated for both models and that neither has learnt from. */
export function commonValidation(
  a: Pick<ModelCard, 'fold'>,
  b: Pick<ModelCard, 'fold'>,
  validation: readonly SampleRecord[],
): CommonValidation {
  const isHeldOut = (subject: Subject, { fold }: Pick<ModelCard, 'fold'>) =>
    fold.validationSubjects.includes(subject) && !fold.trainedSubjects?.includes(subject);
  const pairs = validation.filter((pair) => {
    const subject = subjectOf(pair);
    return isHeldOut(subject, a) && isHeldOut(subject, b);
  });
  return { subjects: subjectsOf(pairs), pairs };
}

/** Both models' mean image Dice on what they have in common. */
export interface Comparison extends CommonValidation {
  readonly imageDice: number;
  readonly previousImageDice: number;
}

/** The new model takes over where it is better or equal. */
export function promoteTheBetter(
  modelId: string,
  previous: string,
  { imageDice, previousImageDice, subjects, pairs }: Comparison,
): Verdict {
  const on = { subjects, pairs: pairs.length };
  if (imageDice >= previousImageDice) {
    const scores = { imageDice, previousImageDice };
    return { type: 'model.promoted', modelId, previous, reason: 'as-good', ...scores, ...on };
  }
  return {
    type: 'model.kept',
    modelId: previous,
    rejected: modelId,
    imageDice: previousImageDice,
    rejectedImageDice: imageDice,
    ...on,
  };
}

/**
 * The new model takes over, be it worse: a person has asked for its size, for which the one before cannot
 * predict. How the two compare is told.
 */
export function promotedForSize(
  modelId: string,
  previous: string,
  { imageDice, previousImageDice, subjects, pairs }: Comparison,
): Verdict {
  const uncompared = promotedUncompared(modelId, previous, 'size-changed');
  return { ...uncompared, imageDice, previousImageDice, subjects, pairs: pairs.length };
}

/** The new model takes over because the two cannot be compared. */
export function promotedUncompared(
  modelId: string,
  previous: string | null,
  reason: Exclude<PromotionReason, 'as-good'>,
): Extract<Verdict, { type: 'model.promoted' }> {
  return {
    type: 'model.promoted',
    modelId,
    previous,
    reason,
    imageDice: null,
    previousImageDice: null,
    subjects: [],
    pairs: 0,
  };
}
