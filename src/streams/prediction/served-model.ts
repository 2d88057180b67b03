import type { PredictReason } from '../../events.js';
import { type ModelCard, postProcessingOfCard } from '../../model/card.js';
import {
  postProcessingKey,
  type VersionedPostProcessing,
  versionedPostProcessing,
} from '../../operators/fingerprint.js';
import type { PostProcessing } from '../../operators/post-processing.js';
import { uncalibrated } from '../../operators/temperature.js';
import type { Settings } from '../../settings/options.js';
import type { SavedModel } from '../../store/model-registry.js';
import type { PredictionRow, SampleRecord } from '../../store/records.js';

/** The model that predicts, and what is done to its probabilities. */
export interface ServedModel {
  readonly modelId: string;
  readonly folder: string;
  readonly postProcessing: VersionedPostProcessing;
  /** By which its logits are divided for probabilities that can be believed; 1 where none was fitted. */
  readonly temperature: number;
}

/** A saved model with the post-processing tuned for it, or what is asked for instead. */
export function servedModel(
  { card, folder }: SavedModel,
  settings: Pick<Settings, 'postProcessing'>,
): ServedModel {
  return {
    modelId: card.modelId,
    folder,
    postProcessing: versionedPostProcessing(postProcessingFor(card, settings)),
    temperature: card.temperature ?? uncalibrated,
  };
}

/** A saved model whose card tells the post-processing that is asked for. */
export function asAskedFor(
  { card, folder }: SavedModel,
  settings: Pick<Settings, 'postProcessing'>,
): SavedModel {
  return { card: { ...card, postProcessing: postProcessingFor(card, settings) }, folder };
}

function postProcessingFor(
  card: ModelCard,
  { postProcessing }: Pick<Settings, 'postProcessing'>,
): PostProcessing {
  return { ...postProcessingOfCard(card), ...postProcessing };
}

/** The same for whatever would give the same masks. */
export function servingKey({ modelId, postProcessing }: ServedModel): string {
  return `${modelId}|${postProcessingKey(postProcessing)}`;
}

/**
 * Why a test image has to be predicted (again), or null when its prediction is current. The same
 * as comparing fingerprints, field by field, so that the answer says what changed.
 */
export function staleReason(
  sample: SampleRecord,
  prediction: PredictionRow | undefined,
  served: ServedModel,
): PredictReason | null {
  if (prediction === undefined) return 'new';
  if (prediction.imageSha !== sample.imageSha) return 'changed';
  if (prediction.preprocessing !== sample.preprocessing) return 'settings-changed';
  if (prediction.modelId !== served.modelId) return 'model-changed';
  if (prediction.postprocessing !== postProcessingKey(served.postProcessing)) {
    return 'settings-changed';
  }
  return null;
}
