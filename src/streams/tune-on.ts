import { setImmediate as othersTurn } from 'node:timers/promises';
import type { Compute } from '../compute/compute.js';
import type { PostProcessing } from '../operators/post-processing.js';
import {
  LEAST_TUNING_IMAGES,
  type TunedPostProcessing,
  type TuningSample,
  tunePostProcessing,
} from '../operators/tune-post-processing.js';
import type { Settings } from '../settings/options.js';
import type { Cache } from '../store/cache.js';
import type { SampleRecord } from '../store/records.js';
import { pixelKeysOf } from './batches.js';
import { predictSamples } from './predict-samples.js';

/** Tunes a model's post-processing on validation samples; null where they are too few for that. */
export async function tuneOn(
  validation: readonly SampleRecord[],
  cache: Pick<Cache, 'readPixels'>,
  compute: Pick<Compute, 'predict'>,
  settings: Pick<Settings, 'size' | 'batchSize'>,
  from: PostProcessing,
): Promise<TunedPostProcessing | null> {
  if (validation.length < LEAST_TUNING_IMAGES) return null;
  const { probabilities, presence } = await predictSamples(validation, cache, compute, settings);
  const masks = await cache.readPixels(validation.map((sample) => pixelKeysOf(sample).mask));
  const area = settings.size.height * settings.size.width;
  const samples = masks.map((mask, index): TuningSample => {
    if (mask === undefined) {
      throw new Error(`The cache has lost the mask of ${validation[index]!.id}`);
    }
    return {
      probabilities: probabilities.subarray(index * area, (index + 1) * area),
      truth: mask.pixels,
      ...(presence !== null && { presence: presence[index]! }),
    };
  });
  const tuning = tunePostProcessing(samples, settings.size, from);
  for (let step = tuning.next(); ; step = tuning.next()) {
    if (step.done) return step.value;
    await othersTurn();
  }
}
