import { join } from 'node:path';
import { ComputeFailure } from '../../compute/compute.js';
import { type ModelCard, postProcessingOfCard } from '../../model/card.js';
import { predictionBatch } from '../../model/recipe.js';
import { chunk, packImages } from '../../operators/batch.js';
import { imageDice } from '../../operators/dice.js';
import { postProcess } from '../../operators/post-processing.js';
import type { Settings } from '../../settings/options.js';
import type { Cache } from '../../store/cache.js';
import type { SampleRecord } from '../../store/records.js';
import { readSamplePixels } from '../../store/sample-pixels.js';
import type { PredictBy } from './predict-aside.js';
import {
  commonValidation,
  promotedUncompared,
  promoteTheBetter,
  type Verdict,
} from './promotion-rule.js';
import type { TrainedModel } from './train-model.js';
import type { TrainingInHand } from './training-context.js';

/**
 * Compares the new model with the one that predicts, on pairs of today that neither has learnt from.
 *
 * @param validation today's pairs that validate
 */
export async function compareModels(
  { card, folder }: Pick<TrainedModel, 'card' | 'folder'>,
  validation: readonly SampleRecord[],
  predictBy: PredictBy,
  { catalog, registry, settings }: Pick<TrainingInHand, 'catalog' | 'registry' | 'settings'>,
): Promise<Verdict> {
  const { modelId } = card;
  const current = await registry.currentCard();
  if (current === null || current.modelId === modelId) {
    return promotedUncompared(modelId, null, 'first');
  }
  const uncompared = (reason: 'size-changed' | 'nothing-in-common' | 'previous-unreadable') =>
    promotedUncompared(modelId, current.modelId, reason);
  if (!isOfSize(current, settings.size)) return uncompared('size-changed');
  const common = commonValidation(card, current, validation);
  if (common.pairs.length === 0) return uncompared('nothing-in-common');
  const { batchSize, postProcessing } = settings;
  const scoring = {
    cache: catalog.cache,
    predictBy,
    batchSize: batchSize ?? predictionBatch,
    postProcessing,
  };
  const currentFolder = join(registry.folder, current.folder);
  const previousImageDice = await scoreModel(current, currentFolder, common.pairs, scoring).catch(
    (error: unknown) => {
      if (error instanceof ComputeFailure && error.code === 'MODEL_UNREADABLE') return null;
      throw error;
    },
  );
  if (previousImageDice === null) return uncompared('previous-unreadable');
  const imageDice = await scoreModel(card, folder, common.pairs, scoring);
  return promoteTheBetter(modelId, current.modelId, { ...common, imageDice, previousImageDice });
}

function isOfSize({ size }: ModelCard, { height, width }: ModelCard['size']): boolean {
  return size.height === height && size.width === width;
}

interface ScoringOptions {
  readonly cache: Pick<Cache, 'readPixels'>;
  readonly predictBy: PredictBy;
  readonly batchSize: number;
  /** Asked for instead of what was tuned. */
  readonly postProcessing: Settings['postProcessing'];
}

/**
 * Mean image Dice of a model over pairs, post-processed on the network's grid as it would serve.
 * Rejects as `predictBy` does, or when the cache has lost a pair's pixels.
 */
async function scoreModel(
  card: Pick<ModelCard, 'size' | 'threshold' | 'postProcessing'>,
  folder: string,
  pairs: readonly SampleRecord[],
  { cache, predictBy, batchSize, postProcessing: asked }: ScoringOptions,
): Promise<number> {
  const { size } = card;
  const postProcessing = { ...postProcessingOfCard(card), ...asked };
  const area = size.height * size.width;
  let sum = 0;
  for (const batch of chunk(pairs, batchSize)) {
    const images = packImages(await readSamplePixels(cache, batch, 'image'));
    const predicted = await predictBy(folder, images);
    for (const [index, truth] of (await readSamplePixels(cache, batch, 'mask')).entries()) {
      const map = predicted.probabilities.subarray(index * area, (index + 1) * area);
      const presence = predicted.presence?.[index];
      sum += imageDice(truth, postProcess(map, size, size, postProcessing, presence).mask);
    }
  }
  return sum / pairs.length;
}
