import type { PredictReason } from '../events.js';
import {
  type Preprocessing,
  postProcessingKey,
  postProcessingVersion,
  preprocessingVersion,
  type VersionedPostProcessing,
} from '../operators/fingerprint.js';
import type { GridSize } from '../operators/image.js';
import type { PostProcessing } from '../operators/post-processing.js';
import type { PredictionRow, SampleRecord } from '../store/records.js';

/** The model that predicts, and what is done to its probabilities. */
export interface ServedModel {
  readonly modelId: string;
  readonly folder: string;
  readonly postProcessing: VersionedPostProcessing;
}

export function preprocessingOf(size: GridSize): Preprocessing {
  return { size, version: preprocessingVersion };
}

export function versionedPostProcessing(settings: PostProcessing): VersionedPostProcessing {
  return { ...settings, version: postProcessingVersion };
}

/** Names preprocessing settings in keys and records. */
export function preprocessingKey({ size, version }: Preprocessing): string {
  return `${size.height}x${size.width}:v${version}`;
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
