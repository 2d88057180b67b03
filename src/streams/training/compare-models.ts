import { join } from 'node:path';
import { ComputeFailure } from '../../compute/compute.js';
import type { ModelCard } from '../../model/card.js';
import { predictionBatch } from '../../model/recipe.js';
import type { SampleRecord } from '../../store/records.js';
import type { PredictBy } from './predict-aside.js';
import {
  commonValidation,
  promotedUncompared,
  promoteTheBetter,
  type Verdict,
} from './promotion-rule.js';
import { scoreModel } from './score-model.js';
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
