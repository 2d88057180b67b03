import { join } from 'node:path';
import type { Compute } from '../../compute/compute.js';
import { type ModelCard, postProcessingOfCard } from '../../model/card.js';
import { chunk, packImages } from '../../operators/batch.js';
import { imageDice } from '../../operators/dice.js';
import { postProcess } from '../../operators/post-processing.js';
import type { Settings } from '../../settings/options.js';
import type { Cache } from '../../store/cache.js';
import type { SampleRecord } from '../../store/records.js';
import { priorInUse } from '../prediction/model-prior.js';
import { pixelKeysOf } from './batches.js';

export interface ScoringOptions {
  readonly cache: Pick<Cache, 'readPixels'>;
  readonly compute: Pick<Compute, 'predictBy'>;
  readonly modelsFolder: string;
  readonly batchSize: number;
  /** Asked for instead of what was tuned. */
  readonly postProcessing: Settings['postProcessing'];
  readonly signal: AbortSignal;
}

/**
 * Mean image Dice of a model over pairs, post-processed on the network's grid as it would serve; the served model goes on serving
 * meanwhile. Rejects with the signal's reason once that is aborted, with the compute process's
 * failure, or when the cache has lost a pair's pixels.
 */
export async function scoreModel(
  card: Pick<ModelCard, 'folder' | 'size' | 'threshold' | 'postProcessing'>,
  pairs: readonly SampleRecord[],
  { cache, compute, modelsFolder, batchSize, postProcessing: asked, signal }: ScoringOptions,
): Promise<number> {
  const { folder, size } = card;
  const postProcessing = { ...postProcessingOfCard(card), ...asked };
  const prior = await priorInUse(join(modelsFolder, folder), postProcessing);
  const area = size.height * size.width;
  let sum = 0;
  for (const batch of chunk(pairs, batchSize)) {
    signal.throwIfAborted();
    const keys = batch.map(pixelKeysOf);
    const records = await cache.readPixels([
      ...keys.map(({ image }) => image),
      ...keys.map(({ mask }) => mask),
    ]);
    const pixels = records.map((record, index) => {
      if (record !== undefined) return record.pixels;
      throw new Error(`The cache has lost the pixels of ${batch[index % batch.length]!.id}`);
    });
    const images = packImages(pixels.slice(0, batch.length));
    const predicted = await compute.predictBy(join(modelsFolder, folder), images);
    for (const [index, truth] of pixels.slice(batch.length).entries()) {
      const map = predicted.probabilities.subarray(index * area, (index + 1) * area);
      const presence = predicted.presence?.[index];
      sum += imageDice(truth, postProcess(map, size, size, postProcessing, presence, prior).mask);
    }
  }
  return sum / pairs.length;
}
