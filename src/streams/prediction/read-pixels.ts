import { concatMap, type OperatorFunction } from 'rxjs';
import type { Failure } from '../../operators/result.js';
import type { Catalog } from '../../store/catalog.js';
import { pixelKeysOf } from '../../store/pixel-keys.js';
import { type Batch, type ImageInHand, outdated, refused } from './image-in-hand.js';

/** The pixels of a batch, from the cache, at the network's size. */
export function readPixels({ cache, samples }: Catalog): OperatorFunction<Batch, Batch> {
  return concatMap(async (batch) => {
    const stale = batch.filter(({ at }) => at === 'stale');
    const records = await cache.readPixels(stale.map(({ sample }) => pixelKeysOf(sample).image));
    const read = new Map(stale.map((image, index) => [image, records[index]]));
    return batch.map((image): ImageInHand => {
      if (image.at !== 'stale') return image;
      const pixels = read.get(image);
      if (pixels !== undefined) return { ...image, at: 'read', pixels };
      return samples.holds(image.sample) ? refused(image, 'predict', pixelsLost) : outdated(image);
    });
  });
}

const pixelsLost: Failure = {
  code: 'PIXELS_LOST',
  message: 'the cache has lost its pixels; write the file anew to have it read again',
};
