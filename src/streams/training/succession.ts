import type { ModelEvent, PromotionReason } from '../../events.js';
import type { ModelCard } from '../../model/card.js';
import type { Settings } from '../../settings/options.js';
import type { SampleRecord } from '../../store/records.js';
import { fitsSettings, type Split, subjectOf } from './training-plan.js';

/** Where a training begins: with the weights of a model, or anew; `why` is for people, where it is news. */
export type Start =
  | { readonly from: ModelCard }
  | { readonly from: null; readonly why: string | null };

/**
 * A training goes on from the model that is there, where that is the same network for images of the
 * same size and has learnt nothing from today's validation subjects: those would validate no more.
 */
export function startOf(
  standing: ModelCard | null,
  { validationSubjects }: Pick<Split, 'validationSubjects'>,
  settings: Pick<Settings, 'recipe' | 'size' | 'fresh'>,
): Start {
  const anew = (why: string | null): Start => ({ from: null, why });
  if (standing === null || settings.fresh) return anew(null);
  if (!fitsSettings(standing, settings)) {
    const { recipe, size } = standing;
    return anew(
      `${standing.modelId} was trained with recipe ${recipe} at ${size.height}x${size.width}`,
    );
  }
  const { trainedSubjects } = standing.fold;
  if (trainedSubjects === undefined) {
    return anew(`${standing.modelId} does not say which subjects it has learnt from`);
  }
  const learnt = validationSubjects.filter((subject) => trainedSubjects.includes(subject));
  if (learnt.length > 0) {
    const subjects = `${learnt.length === 1 ? 'subject' : 'subjects'} ${learnt.join(', ')}`;
    return anew(`${standing.modelId} has learnt from ${subjects}, held out for validation now`);
  }
  return { from: standing };
}

/** What two models can be compared on. */
export interface CommonValidation {
  readonly subjects: readonly number[];
  readonly pairs: readonly SampleRecord[];
}

/** Today's pairs of the subjects that validated for both models and that neither has learnt from. */
export function commonValidation(
  a: Pick<ModelCard, 'fold'>,
  b: Pick<ModelCard, 'fold'>,
  validation: readonly SampleRecord[],
): CommonValidation {
  const isHeldOut = (subject: number, { fold }: Pick<ModelCard, 'fold'>) =>
    fold.validationSubjects.includes(subject) && !fold.trainedSubjects?.includes(subject);
  const pairs = validation.filter((pair) => {
    const subject = subjectOf(pair);
    return isHeldOut(subject, a) && isHeldOut(subject, b);
  });
  const subjects = [...new Set(pairs.map(subjectOf))].sort((x, y) => x - y);
  return { subjects, pairs };
}

/** Both models' mean image Dice on what they have in common. */
export interface Comparison extends CommonValidation {
  readonly imageDice: number;
  readonly previousImageDice: number;
}

/** The new model takes over where it is better or equal. */
export function judged(
  modelId: string,
  previous: string,
  { imageDice, previousImageDice, subjects, pairs }: Comparison,
): ModelEvent {
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

/** The new model takes over because the two cannot be compared. */
export function promotedUncompared(
  modelId: string,
  previous: string | null,
  reason: Exclude<PromotionReason, 'as-good'>,
): ModelEvent {
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
