import type { Compute } from '../../compute/compute.js';
import { postProcessingOfCard } from '../../model/card.js';
import type { Settings } from '../../settings/options.js';
import type { Catalog } from '../../store/catalog.js';
import type { BestModel } from '../../store/checkpoints.js';
import type { StorePaths } from '../../store/store-paths.js';
import {
  preprocessingKey,
  preprocessingOf,
  type ServedModel,
  versionedPostProcessing,
} from '../staleness.js';
import { Predictor } from './predictor.js';
import { PreviewAllowance } from './preview-allowance.js';

/** Images a prediction, where nobody asks for another number. */
export const predictionBatch = 32;

/** A predictor as the settings ask for. */
export function makePredictor(
  { size, batchSize }: Pick<Settings, 'size' | 'batchSize'>,
  catalog: Catalog,
  paths: Pick<StorePaths, 'masks' | 'submission'>,
  compute: Pick<Compute, 'serve' | 'predict'>,
): Predictor {
  return new Predictor({
    catalog,
    compute,
    size,
    batchSize: batchSize ?? predictionBatch,
    masksFolder: paths.masks,
    submissionPath: paths.submission,
    preprocessing: preprocessingKey(preprocessingOf(size)),
    previews: new PreviewAllowance(),
  });
}

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
