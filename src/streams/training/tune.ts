import { dirname } from 'node:path';
import { untunedOfCard } from '../../model/card.js';
import { replaceCard } from '../../store/model-folder.js';
import type { PredictBy } from './predict-aside.js';
import type { TrainedModel } from './train-model.js';
import type { TrainingInHand } from './training-context.js';
import { tuneOn } from './tune-on.js';

/** The model with the post-processing and temperature that suit its validation, which are saved with it. */
export async function tune(
  trained: TrainedModel,
  predictBy: PredictBy,
  { catalog, settings, emit }: Pick<TrainingInHand, 'catalog' | 'settings' | 'emit'>,
): Promise<TrainedModel> {
  const { card, folder, validated } = trained;
  const untuned = untunedOfCard(card);
  const tuned = await tuneOn(validated, catalog.cache, predictBy, settings, untuned);
  if (tuned === null) return trained;
  const { settings: postProcessing, images, before, after, temperature } = tuned;
  const tunedCard = { ...card, postProcessing, temperature };
  await replaceCard(dirname(folder), tunedCard);
  const { modelId } = card;
  const dice = { untunedImageDice: before, imageDice: after };
  emit({ type: 'model.tuned', modelId, images, ...dice, postProcessing, temperature });
  return { ...trained, card: tunedCard };
}
