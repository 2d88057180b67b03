import type { ModelCard } from '../../model/card.js';
import type { Settings } from '../../settings/options.js';
import type { TrainingSplit } from './training-split.js';
import { fitsSettings } from './when-to-train.js';

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
  { validationSubjects }: Pick<TrainingSplit, 'validationSubjects'>,
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
