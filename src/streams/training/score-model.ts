import { type ModelCard, postProcessingOfCard } from '../../model/card.js';
import { chunk, packImages } from '../../operators/batch.js';
import { imageDice } from '../../operators/dice.js';
import { postProcess } from '../../operators/post-processing.js';
import type { Settings } from '../../settings/options.js';
import type { Cache } from '../../store/cache.js';
import { pixelKeysOf } from '../../store/pixel-keys.js';
import type { SampleRecord } from '../../store/records.js';
import type { PredictBy } from './predict-aside.js';

export interface ScoringOptions {
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
export async function scoreModel(
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
    const predicted = await predictBy(folder, images);
    for (const [index, truth] of pixels.slice(batch.length).entries()) {
      const map = predicted.probabilities.subarray(index * area, (index + 1) * area);
      const presence = predicted.presence?.[index];
      sum += imageDice(truth, postProcess(map, size, size, postProcessing, presence).mask);
    }
  }
  return sum / pairs.length;
}
