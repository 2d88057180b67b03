import { concatMap, type OperatorFunction } from 'rxjs';
import { postProcessingKey } from '../../operators/fingerprint.js';
import { decodeRle } from '../../operators/rle.js';
import type { Catalog } from '../../store/catalog.js';
import type { PredictionRecord, SampleRecord } from '../../store/records.js';
import type { ImageInHand } from './image-in-hand.js';
import type { ServedModel } from './served-model.js';

/** An image that was renamed or copied has its row already. Not where a person asks for it anew. */
export function reuseRow(
  catalog: Catalog,
  model: ServedModel,
): OperatorFunction<ImageInHand, ImageInHand> {
  return concatMap(async (image): Promise<ImageInHand> => {
    if (image.at !== 'stale' || image.reason === 'requested') return image;
    const row = await findKnownRow(catalog, image.sample, model);
    const mask = row && decodeRle(row.rle, row);
    if (!mask?.ok) return image;
    const own = { ...row!, id: image.sample.id };
    return { ...image, at: 'drawn', row: own, mask: mask.value, picture: null };
  });
}

/**
 * The row that an image has already, whatever it was called when that was made: one that is renamed
 * or copied need not be predicted.
 */
async function findKnownRow(
  catalog: Pick<Catalog, 'rowMadeFrom'>,
  { imageSha, preprocessing }: SampleRecord,
  { modelId, postProcessing }: ServedModel,
): Promise<PredictionRecord | undefined> {
  const postprocessing = postProcessingKey(postProcessing);
  return await catalog.rowMadeFrom({ imageSha, preprocessing, modelId, postprocessing });
}
