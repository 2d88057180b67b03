import { join } from 'node:path';
import { ComputeFailure } from '../../compute/compute.js';
import { postProcessingOfCard } from '../../model/card.js';
import { predictionBatch } from '../../model/recipe.js';
import { chunk, packImages } from '../../operators/batch.js';
import { imageDice } from '../../operators/dice.js';
import { isSameSize } from '../../operators/image.js';
import { postProcess } from '../../operators/post-processing.js';
import { fail, ok, type Result } from '../../operators/result.js';
import type { Settings } from '../../settings/options.js';
import type { SavedModel } from '../../store/model-registry.js';
import type { SampleRecord } from '../../store/records.js';
import { TimeSlice } from '../time-slice.js';
import { cachedPairs, originalPairs, type PairReader } from './pair-reader.js';
import type { PredictBy } from './predict-aside.js';
import {
  type Comparison,
  commonValidation,
  promotedForSize,
  promotedUncompared,
  promoteTheBetter,
  type Verdict,
} from './promotion-rule.js';
import type { TrainedModel } from './train-model.js';
import type { TrainingInHand } from './training-context.js';

/**
 * Compares the new model with the one that predicts, on pairs of today that neither has learnt from: on
 * the network's grid, or where the two are for images of other sizes, on the images' own.
 *
 * @param validation today's pairs that validate
 */
export async function compareModels(
  { card, folder }: Pick<TrainedModel, 'card' | 'folder'>,
  validation: readonly SampleRecord[],
  predictBy: PredictBy,
  context: Pick<TrainingInHand, 'catalog' | 'registry' | 'settings' | 'emit'>,
): Promise<Verdict> {
  const { catalog, registry, settings, emit } = context;
  const { modelId } = card;
  const current = await registry.currentCard();
  if (current === null || current.modelId === modelId) {
    return promotedUncompared(modelId, null, 'first');
  }
  const uncompared = (reason: 'size-changed' | 'nothing-in-common' | 'previous-unreadable') =>
    promotedUncompared(modelId, current.modelId, reason);
  const isOfSize = isSameSize(current.size, settings.size);
  const common = commonValidation(card, current, validation);
  if (common.pairs.length === 0) return uncompared(isOfSize ? 'nothing-in-common' : 'size-changed');
  const { raw, layout, batchSize, postProcessing } = settings;
  const scoring = {
    pairs: common.pairs,
    reader: isOfSize
      ? cachedPairs(catalog.cache)
      : originalPairs({ raw, layout, reading: settings }, catalog),
    predictBy,
    batchSize: batchSize ?? predictionBatch,
    postProcessing,
  };
  const scored = await scoreBoth(
    { card: current, folder: join(registry.folder, current.folder) },
    { card, folder },
    scoring,
  );
  if (!scored.ok) {
    const { code, message } = scored.failure;
    if (code === 'MODEL_UNREADABLE') return uncompared('previous-unreadable');
    emit({ type: 'notice', level: 'warning', code: 'NOT_COMPARED', message });
    return uncompared('size-changed');
  }
  const decide = isOfSize ? promoteTheBetter : promotedForSize;
  return decide(modelId, current.modelId, { ...common, ...scored.value });
}

interface ScoringOptions {
  readonly pairs: readonly SampleRecord[];
  readonly reader: PairReader;
  readonly predictBy: PredictBy;
  readonly batchSize: number;
  /** Asked for instead of what was tuned. */
  readonly postProcessing: Settings['postProcessing'];
}

/** Fails with `MODEL_UNREADABLE` of the previous one, else as the pairs are read. */
async function scoreBoth(
  previous: SavedModel,
  next: SavedModel,
  options: ScoringOptions,
): Promise<Result<Pick<Comparison, 'imageDice' | 'previousImageDice'>>> {
  const before = await scoreModel(previous, options).catch((error: unknown) => {
    if (!(error instanceof ComputeFailure && error.code === 'MODEL_UNREADABLE')) throw error;
    return fail(error.code, error.message);
  });
  if (!before.ok) return before;
  const now = await scoreModel(next, options);
  return now.ok ? ok({ imageDice: now.value, previousImageDice: before.value }) : now;
}

/**
 * Mean image Dice of a model over pairs, post-processed as it would serve, on the grid that the reader's
 * truth has. Rejects as `predictBy` does, or when the cache has lost a pair's pixels.
 */
async function scoreModel(
  { card, folder }: SavedModel,
  { pairs, reader, predictBy, batchSize, postProcessing: asked }: ScoringOptions,
): Promise<Result<number>> {
  const { size } = card;
  const postProcessing = { ...postProcessingOfCard(card), ...asked };
  const area = size.height * size.width;
  const slice = new TimeSlice();
  let sum = 0;
  for (const batch of chunk(pairs, batchSize)) {
    const images = await reader.images(batch, size);
    if (!images.ok) return images;
    const predicted = await predictBy(folder, packImages(images.value));
    for (const [index, pair] of batch.entries()) {
      const truth = await reader.truth(pair, size);
      if (!truth.ok) return truth;
      const map = predicted.probabilities.subarray(index * area, (index + 1) * area);
      const presence = predicted.presence?.[index];
      const { mask } = postProcess(map, size, truth.value, postProcessing, presence);
      sum += imageDice(truth.value.data, mask);
      if (slice.isOver) await slice.yield();
    }
  }
  return ok(sum / pairs.length);
}
