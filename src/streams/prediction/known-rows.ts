import { postProcessingKey } from '../../operators/fingerprint.js';
import type { Catalog } from '../../store/catalog.js';
import type { PredictionRecord, SampleRecord } from '../../store/records.js';
import type { ServedModel } from './served-model.js';

/**
 * The row that an image has already, whatever it was called when that was made: one that is renamed
 * or copied need not be predicted.
 */
export async function findKnownRow(
  catalog: Pick<Catalog, 'rowMadeFrom'>,
  { imageSha, preprocessing }: SampleRecord,
  { modelId, postProcessing }: ServedModel,
): Promise<PredictionRecord | undefined> {
  const postprocessing = postProcessingKey(postProcessing);
  return await catalog.rowMadeFrom({ imageSha, preprocessing, modelId, postprocessing });
}
