import { augmentPair } from '../../../operators/augment.js';
import { randomFrom } from '../../../operators/seeded-random.js';
import type { PairBatch, TrainingRun } from '../../compute.js';

/**
 * Flips and shifts every pair of a batch, in place: the batch came by message and is nobody else's.
 * The chance of a step depends on seed, epoch and step alone, so that a resumed training repeats it.
 *
 * @param step 0-based within the epoch
 */
export function augmentBatch(
  { count, images, masks }: PairBatch,
  { size, recipe, seed }: Pick<TrainingRun, 'size' | 'recipe' | 'seed'>,
  epoch: number,
  step: number,
): void {
  const random = randomFrom(seed, 'augment', epoch, step);
  const pixels = size.height * size.width;
  for (let index = 0; index < count; index++) {
    const start = index * pixels;
    augmentPair(
      images.subarray(start, start + pixels),
      masks.subarray(start, start + pixels),
      size,
      recipe.augmentation,
      random,
    );
  }
}
