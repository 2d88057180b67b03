import type { PredictReason } from '../../events.js';
import { postProcessingOfCard } from '../../model/card.js';
import {
  postProcessingKey,
  type VersionedPostProcessing,
  versionedPostProcessing,
} from '../../operators/fingerprint.js';
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
  const postProcessing = { ...postProcessingOfCard(card), ...settings.postProcessing };
  return {
    modelId: card.modelId,
    folder,
    postProcessing: versionedPostProcessing(postProcessing),
    temperature: card.temperature ?? uncalibrated,
  };
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
