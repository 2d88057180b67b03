import { postProcessingOfCard } from '../../model/card.js';
import type { Settings } from '../../settings/options.js';
import type { BestModel } from '../../store/checkpoints.js';
import { type ServedModel, versionedPostProcessing } from '../staleness.js';

/** A saved model as the predictor wants it: with the post-processing tuned for it, or what is asked for instead. */
export function servedModel(
  { card, folder }: Pick<BestModel, 'card' | 'folder'>,
  settings: Pick<Settings, 'postProcessing'>,
): ServedModel {
  const postProcessing = { ...postProcessingOfCard(card), ...settings.postProcessing };
  return {
    modelId: card.modelId,
    folder,
    postProcessing: versionedPostProcessing(postProcessing),
  };
}
