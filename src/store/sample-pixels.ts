import type { Cache } from './cache.js';
import { pixelKeysOf } from './pixel-keys.js';
import type { SampleRecord } from './records.js';

/** Images or masks of samples, in their order. Rejects where the cache has lost one. */
export async function readSamplePixels(
  cache: Pick<Cache, 'readPixels'>,
  samples: readonly SampleRecord[],
  part: 'image' | 'mask',
): Promise<Uint8Array[]> {
  const records = await cache.readPixels(samples.map((sample) => pixelKeysOf(sample)[part]));
  return records.map((record, index) => {
    if (record !== undefined) return record.pixels;
    throw new Error(`The cache has lost the pixels of ${samples[index]!.id}`);
  });
}
