import type { ImageBatch, ProbabilityBatch } from '../../compute/compute.js';
import { predictionBatch } from '../../model/recipe.js';
import { chunk, packImages } from '../../operators/batch.js';
import type { Settings } from '../../settings/options.js';
import type { Cache } from '../../store/cache.js';
import type { HeldOut } from '../../store/held-out.js';
import type { SampleRecord } from '../../store/records.js';
import { readSamplePixels } from '../../store/sample-pixels.js';

/** Probabilities of samples from the cache, in their order. */
export async function predictSamples(
  samples: readonly SampleRecord[],
  cache: Pick<Cache, 'readPixels'>,
  predict: (images: ImageBatch) => Promise<ProbabilityBatch>,
  { size, batchSize }: Pick<Settings, 'size' | 'batchSize'>,
): Promise<Pick<HeldOut, 'probabilities' | 'presence'>> {
  const area = size.height * size.width;
  const probabilities = new Float32Array(samples.length * area);
  const presence = new Float32Array(samples.length);
  let hasPresence = samples.length > 0;
  let at = 0;
  for (const batch of chunk(samples, batchSize ?? predictionBatch)) {
    const images = await readSamplePixels(cache, batch, 'image');
    const predicted = await predict(packImages(images));
    probabilities.set(predicted.probabilities, at * area);
    if (predicted.presence === undefined) hasPresence = false;
    else presence.set(predicted.presence, at);
    at += batch.length;
  }
  return { probabilities, presence: hasPresence ? presence : null };
}
