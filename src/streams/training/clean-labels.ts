import type { LeftOutReason } from '../../events.js';
import type { Recipe } from '../../model/recipe.js';
import { chooseLeftOut } from '../../operators/contradiction.js';
import { dataFingerprint } from '../../operators/fingerprint.js';
import { groupBy } from '../../operators/group-by.js';
import type { GridSize } from '../../operators/image.js';
import type { Subject } from '../../operators/subject-folds.js';
import type { Cache } from '../../store/cache.js';
import type { Catalog } from '../../store/catalog.js';
import type { SampleRecord } from '../../store/records.js';
import { TimeSlice } from '../time-slice.js';
import { nearPairs, readFrames } from './near-frames.js';
import { subjectOf } from './training-split.js';

/** A pair of image and mask that is not trained on, and why. */
export interface LeftOutPair {
  readonly id: string;
  readonly fingerprint: string;
  readonly reason: LeftOutReason;
  /** The near-identical image of the same subject whose mask contradicts it most clearly. */
  readonly against: string;
  /** Of the two images, 0..1. */
  readonly similarity: number;
  /** Of the two masks, 0..1. */
  readonly dice: number;
}

export interface CleanedSamples {
  readonly kept: readonly SampleRecord[];
  readonly leftOut: readonly LeftOutPair[];
}

/** What was found of each subject, until its samples change. */
export type KnownContradictions = Map<
  Subject,
  { readonly fingerprint: string; readonly leftOut: readonly LeftOutPair[] }
>;

export interface CleaningContext {
  readonly catalog: Pick<Catalog, 'cache'>;
  readonly settings: { readonly size: GridSize };
  readonly recipe: Pick<Recipe, 'cleaning'>;
  /** Read and added to. */
  readonly memory: { readonly contradictions: KnownContradictions };
}

/**
 * Leaves out the pairs whose masks contradict those of near-identical images of the same subject.
 * Looks at one subject at a time and at nothing else, with fixed thresholds: what is found in
 * training subjects cannot depend on a validation subject. `none` looks at nothing. Rejects with the
 * code `ALL_CONTRADICT` where nothing would remain.
 */
export async function cleanLabels(
  samples: readonly SampleRecord[],
  context: CleaningContext,
): Promise<CleanedSamples> {
  if (context.recipe.cleaning === 'none') return { kept: samples, leftOut: [] };
  const leftOut: LeftOutPair[] = [];
  const slice = new TimeSlice();
  for (const [subject, ofSubject] of groupBy(samples, subjectOf)) {
    leftOut.push(...(await leftOutOf(subject, ofSubject, context, slice)));
  }
  return cleanedOf(samples, leftOut);
}

/** Of these samples, those that are left out and those that are kept. Throws as `cleanLabels` rejects. */
export function cleanedOf(
  samples: readonly SampleRecord[],
  leftOut: readonly LeftOutPair[],
): CleanedSamples {
  const ids = new Set(samples.map(({ id }) => id));
  const ofThese = leftOut.filter(({ id }) => ids.has(id));
  const gone = new Set(ofThese.map(({ id }) => id));
  const kept = samples.filter(({ id }) => !gone.has(id));
  if (samples.length > 0 && kept.length === 0) {
    const message = `each of the ${samples.length} training pairs contradicts a near-identical one; nerveflow audit lists them, --cleaning none trains on them nevertheless`;
    throw Object.assign(new Error(message), { code: 'ALL_CONTRADICT' });
  }
  return { kept, leftOut: ofThese };
}

async function leftOutOf(
  subject: Subject,
  samples: readonly SampleRecord[],
  { catalog, settings, memory }: CleaningContext,
  slice: TimeSlice,
): Promise<readonly LeftOutPair[]> {
  const fingerprint = dataFingerprint(samples);
  const before = memory.contradictions.get(subject);
  if (before?.fingerprint === fingerprint) return before.leftOut;
  const leftOut = await contradictionsOf(samples, settings.size, catalog.cache, slice);
  memory.contradictions.set(subject, { fingerprint, leftOut });
  return leftOut;
}

async function contradictionsOf(
  samples: readonly SampleRecord[],
  size: GridSize,
  cache: Pick<Cache, 'readPixels'>,
  slice: TimeSlice,
): Promise<LeftOutPair[]> {
  const frames = await readFrames(cache, size, samples, slice);
  const pairs = await nearPairs(frames, size, slice);
  return chooseLeftOut(
    frames.map(({ isEmpty }) => isEmpty),
    pairs,
  ).map(({ index, against, ...rest }) => {
    const { id, fingerprint } = frames[index]!.sample;
    return { id, fingerprint, against: frames[against]!.sample.id, ...rest };
  });
}
