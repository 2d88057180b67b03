import type { Normalisation } from '../../compute/compute.js';
import { addPixels, noPixels, normalisationOf } from '../../operators/pixel-statistics.js';
import type { Catalog } from '../../store/catalog.js';
import { pixelKeysOf } from '../../store/pixel-keys.js';
import type { SampleRecord } from '../../store/records.js';

/** Images read at once. */
const chunkLength = 64;

/** Of the training images alone: nothing of a validation subject may reach the model. */
export async function normalisationOfSamples(
  { cache }: Pick<Catalog, 'cache'>,
  training: readonly SampleRecord[],
): Promise<Normalisation> {
  const keys = training.map((sample) => pixelKeysOf(sample).image);
  let sums = noPixels;
  for (let start = 0; start < keys.length; start += chunkLength) {
    for (const record of await cache.readPixels(keys.slice(start, start + chunkLength))) {
      if (record !== undefined) sums = addPixels(sums, record.pixels);
    }
  }
  return normalisationOf(sums);
}
