import type { BatchPass, BatchSource, PairBatch, TrainingRun } from '../../compute/compute.js';
import type { Recipe } from '../../model/recipe.js';
import { chunk, chunkEvenly, packPairs } from '../../operators/batch.js';
import { epochOrder } from '../../operators/epoch-order.js';
import type { Cache } from '../../store/cache.js';
import type { SampleRecord } from '../../store/records.js';
import { readSamplePixels } from '../../store/sample-pixels.js';
import type { RunSamples } from './training-split.js';

/**
 * Batches read from the cache one at a time, when the compute process asks for one. The order of
 * an epoch depends on the samples, the seed and the epoch alone.
 */
export function batchSource(
  cache: Pick<Cache, 'readPixels'>,
  { training, validation }: RunSamples,
  { seed, batchSize, recipe }: Pick<TrainingRun, 'seed' | 'batchSize' | 'recipe'>,
): BatchSource {
  const byId = new Map([...training, ...validation].map((sample) => [sample.id, sample]));
  const idsOf = (samples: readonly SampleRecord[]) => samples.map((sample) => sample.id);

  return async function* (pass: BatchPass): AsyncGenerator<PairBatch> {
    const batches =
      pass.phase === 'train'
        ? trainingBatches(epochOrder(idsOf(training), seed, pass.epoch), batchSize, recipe.batches)
        : chunk(validationOrder({ validation }), batchSize);
    const firstStep = pass.phase === 'train' ? pass.firstStep : 0;
    for (const ids of batches.slice(firstStep)) {
      yield await readPairs(
        cache,
        ids.map((id) => byId.get(id)!),
      );
    }
  };
}

function trainingBatches(order: string[], size: number, batches: Recipe['batches']): string[][] {
  switch (batches) {
    case 'full':
      return chunk(order, size);
    case 'even':
      return chunkEvenly(order, size);
  }
}

/** Ids in the order in which they are validated. */
export function validationOrder({ validation }: Pick<RunSamples, 'validation'>): string[] {
  return validation.map(({ id }) => id).sort();
}

async function readPairs(
  cache: Pick<Cache, 'readPixels'>,
  samples: readonly SampleRecord[],
): Promise<PairBatch> {
  const [images, masks] = await Promise.all([
    readSamplePixels(cache, samples, 'image'),
    readSamplePixels(cache, samples, 'mask'),
  ]);
  return packPairs(images.map((image, index) => ({ image, mask: masks[index]! })));
}
