import { postProcessingKey } from '../../operators/fingerprint.js';
import type { Catalog } from '../../store/catalog.js';
import type { PredictionRecord, SampleRecord } from '../../store/records.js';
import type { ServedModel } from './served-model.js';

/**
 * The row that an image has already, whatever it was called when that was made: one that is renamed
 * or copied need not be predicted.
 */
export async function findKnownRow(
  { predictions, departed, cache }: Pick<Catalog, 'predictions' | 'departed' | 'cache'>,
  { imageSha, preprocessing }: SampleRecord,
  { modelId, postProcessing }: ServedModel,
): Promise<PredictionRecord | undefined> {
  const postprocessing = postProcessingKey(postProcessing);
  const origin = { imageSha, preprocessing, modelId, postprocessing };
  const row = predictions.madeFrom(origin);
  if (row === undefined) return departed.find(origin);
  const [record] = await cache.readPredictions([row.id]);
  // It may have gone, or become another one's, on the way.
  return record?.fingerprint === row.fingerprint ? record : departed.find(origin);
}
