import { setImmediate as othersTurn } from 'node:timers/promises';
import type { PixelSpacing } from '../../formats/frames.js';
import type { GridSize } from '../../operators/image.js';
import { type MaskScore, scoreMask } from '../../operators/mask-metrics.js';
import { type MeanMask, meanMaskOf } from '../../operators/mean-mask.js';
import {
  type PostProcessing,
  postProcess,
  thresholdOnly,
} from '../../operators/post-processing.js';
import type { Failure } from '../../operators/result.js';
import { uncertaintyOf } from '../../operators/uncertainty.js';
import type { Cache } from '../../store/cache.js';
import type { HeldOut } from '../../store/held-out.js';
import { pixelKeysOf } from '../../store/pixel-keys.js';
import type { SampleRecord } from '../../store/records.js';
import { inTimeSlices } from '../time-slice.js';
import { subjectOf } from '../training/training-split.js';
import type { EvaluationFold } from './evaluation-plan.js';
import { type MaskSize, maskSize } from './image-sizes.js';
import type { TrueMeasures } from './true-measures.js';
import type { TruthMasks } from './truth-masks.js';

/** One held-out image of one seed, scored on its own grid. */
export interface ScoredImage {
  readonly id: string;
  readonly subject: number | string;
  readonly seed: number;
  readonly fold: number;
  readonly presence: number | null;
  readonly model: MaskScore;
  readonly untuned: MaskScore;
  readonly meanMask: MaskScore;
  readonly allEmpty: MaskScore;
  /** Of the model's mask (`uncertaintyOf`). */
  readonly uncertainty: number;
  /** Where the spacing is known. */
  readonly sizes: { readonly truth: MaskSize; readonly found: MaskSize } | null;
  /** What the layout's table says that it measures, mm or mm². */
  readonly table: number | null;
}

export interface ScoredFold {
  readonly images: readonly ScoredImage[];
  /** Masks that could not be read; their images count nowhere. */
  readonly failed: readonly { readonly path: string; readonly failure: Failure }[];
}

export interface ScoreOptions {
  readonly cache: Pick<Cache, 'readPixels'>;
  readonly size: GridSize;
  /** Threshold of the predictions as they are without tuning. */
  readonly untuned: number;
  readonly measures: TrueMeasures | null;
}

/** Scores a fold's held-out images, and beside them what would be answered without a model. */
export async function scoreFold(
  fold: EvaluationFold,
  { record, probabilities, presence }: HeldOut,
  seed: number,
  truth: TruthMasks,
  { cache, size, untuned, measures }: ScoreOptions,
): Promise<ScoredFold> {
  const meanMask = await meanMaskOfSamples([...fold.training, ...fold.validation], cache);
  const byId = new Map(fold.heldOut.map((sample) => [sample.id, sample]));
  const area = size.height * size.width;
  const images: ScoredImage[] = [];
  const failed: { path: string; failure: Failure }[] = [];
  for (const [index, id] of record.ids.entries()) {
    const sample = byId.get(id)!;
    const read = await truth.read(sample);
    if (!read.ok) {
      failed.push({ path: truth.pathOf(sample) ?? `train/${id}`, failure: read.failure });
      continue;
    }
    const { data, ...grid } = read.value;
    const map = probabilities.subarray(index * area, (index + 1) * area);
    // A large image takes its time: others have their turn after each mask.
    const scoreOf = async (mask: Uint8Array) => {
      await othersTurn();
      return scoreMask(data, mask, grid);
    };
    const sizeOf = async (mask: Uint8Array, spacing: PixelSpacing) => {
      await othersTurn();
      return maskSize(mask, grid, spacing);
    };
    const drawn = (map: Float32Array, settings: PostProcessing, presence?: number) =>
      postProcess(map, size, grid, settings, presence).mask;
    const { postProcessing, temperature } = record;
    const found = drawn(map, postProcessing, presence?.[index]);
    const { spacing } = sample;
    images.push({
      id,
      subject: subjectOf(sample),
      seed,
      fold: fold.number,
      presence: presence?.[index] ?? null,
      model: await scoreOf(found),
      untuned: await scoreOf(drawn(map, thresholdOnly(untuned))),
      meanMask: await scoreOf(drawn(meanMask.probabilities, thresholdOnly(meanMask.threshold))),
      allEmpty: await scoreOf(new Uint8Array(data.length)),
      uncertainty: uncertaintyOf(map, size, postProcessing, presence?.[index], temperature),
      sizes: spacing
        ? { truth: await sizeOf(data, spacing), found: await sizeOf(found, spacing) }
        : null,
      table: measures?.byId.get(id) ?? null,
    });
  }
  return { images, failed };
}

async function meanMaskOfSamples(
  samples: readonly SampleRecord[],
  cache: Pick<Cache, 'readPixels'>,
): Promise<MeanMask> {
  const records = await cache.readPixels(samples.map((sample) => pixelKeysOf(sample).mask));
  const masks = records.flatMap((record) => (record === undefined ? [] : [record.pixels]));
  return await inTimeSlices(meanMaskOf(masks));
}
