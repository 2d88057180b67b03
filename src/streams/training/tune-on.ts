import type { GridSize } from '../../operators/image.js';
import type { PostProcessing } from '../../operators/post-processing.js';
import { fitTemperature } from '../../operators/temperature.js';
import {
  leastTuningImages,
  type TunedPostProcessing,
  type TuningSample,
  tunePostProcessing,
} from '../../operators/tune-post-processing.js';
import type { Settings } from '../../settings/options.js';
import type { Cache } from '../../store/cache.js';
import type { SampleRecord } from '../../store/records.js';
import { readSamplePixels } from '../../store/sample-pixels.js';
import { predictSamples } from '../prediction/predict-samples.js';
import { inTimeSlices } from '../time-slice.js';
import type { PredictBy } from './predict-aside.js';

/** A saved model and samples of subjects that it has not learnt from. */
export interface ValidatedModel {
  readonly folder: string;
  readonly validation: readonly SampleRecord[];
}

export interface Tuned extends TunedPostProcessing {
  /** At which the probabilities are calibrated; it changes no mask. */
  readonly temperature: number;
}

/** More would cost memory and tell nothing more: 40 MB at 64 x 80. */
const mostTuningImages = 2000;

/**
 * Tunes post-processing and calibrates on what models make of samples that they have not learnt from; null where
 * these are too few for that.
 */
export async function tuneOn(
  models: readonly ValidatedModel[],
  cache: Pick<Cache, 'readPixels'>,
  predictBy: PredictBy,
  settings: Pick<Settings, 'size' | 'batchSize'>,
  from: PostProcessing,
): Promise<Tuned | null> {
  const images = models.reduce((sum, { validation }) => sum + validation.length, 0);
  if (images < leastTuningImages) return null;
  const every = everyNth(images);
  const samples: TuningSample[] = [];
  for (const { folder, validation } of models) {
    const chosen = validation.filter((_, index) => index % every === 0);
    samples.push(...(await predicted(chosen, folder, cache, predictBy, settings)));
  }
  return await tunedOn(samples, settings.size, from);
}

/** Of so many images, each how-manieth is enough to tune on. */
export function everyNth(images: number): number {
  return Math.max(1, Math.ceil(images / mostTuningImages));
}

/** Tunes and calibrates without keeping others from their turn; null of too few samples. */
export async function tunedOn(
  samples: readonly TuningSample[],
  size: GridSize,
  from: PostProcessing,
): Promise<Tuned | null> {
  if (samples.length < leastTuningImages) return null;
  const tuned = await inTimeSlices(tunePostProcessing(samples, size, from));
  return { ...tuned, temperature: await inTimeSlices(fitTemperature(samples)) };
}

async function predicted(
  validation: readonly SampleRecord[],
  folder: string,
  cache: Pick<Cache, 'readPixels'>,
  predictBy: PredictBy,
  settings: Pick<Settings, 'size' | 'batchSize'>,
): Promise<TuningSample[]> {
  const { probabilities, presence } = await predictSamples(
    validation,
    cache,
    (images) => predictBy(folder, images),
    settings,
  );
  const masks = await readSamplePixels(cache, validation, 'mask');
  const area = settings.size.height * settings.size.width;
  return masks.map((truth, index) => ({
    probabilities: probabilities.subarray(index * area, (index + 1) * area),
    truth,
    ...(presence !== null && { presence: presence[index]! }),
  }));
}
