import type { LeftOutReason, TrainCleanedEvent } from '../../events.js';
import type { Cleaning } from '../../model/recipe.js';
import { alignedDice, chooseLeftOut, type NearPair } from '../../operators/contradiction.js';
import { dataFingerprint } from '../../operators/fingerprint.js';
import type { GridSize } from '../../operators/image.js';
import {
  describeFrame,
  type FrameDescriptor,
  likenessOf,
  nearDuplicate,
} from '../../operators/near-duplicate.js';
import type { Cache } from '../../store/cache.js';
import type { SampleRecord } from '../../store/records.js';
import type { TrainedOn } from '../../store/trained-on.js';
import { TimeSlice } from '../time-slice.js';
import { pixelKeysOf, type RunSamples } from './batches.js';
import { subjectOf } from './training-plan.js';

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

/**
 * Finds the pairs whose masks contradict those of near-identical images of the same subject. Looks
 * at one subject at a time and at nothing else, with fixed thresholds: what is found in training
 * subjects cannot depend on a validation subject. Keeps what it found of each subject until the
 * subject's samples change.
 */
export class LabelCleaning {
  private readonly found = new Map<
    number,
    { fingerprint: string; leftOut: readonly LeftOutPair[] }
  >();

  constructor(private readonly cache: Pick<Cache, 'readPixels'>) {}

  /**
   * What remains to train on. `none` looks at nothing. Rejects with the code `ALL_CONTRADICT` where
   * nothing would remain.
   */
  async clean(
    samples: readonly SampleRecord[],
    size: GridSize,
    cleaning: Cleaning,
  ): Promise<CleanedSamples> {
    if (cleaning === 'none') return { kept: samples, leftOut: [] };
    const leftOut: LeftOutPair[] = [];
    const slice = new TimeSlice();
    for (const [subject, ofSubject] of bySubject(samples)) {
      leftOut.push(...(await this.leftOutOf(subject, ofSubject, size, slice)));
    }
    const ids = new Set(leftOut.map(({ id }) => id));
    const kept = samples.filter(({ id }) => !ids.has(id));
    if (samples.length > 0 && kept.length === 0) {
      const message = `each of the ${samples.length} training pairs contradicts a near-identical one; nerveflow audit lists them, --cleaning none trains on them nevertheless`;
      throw Object.assign(new Error(message), { code: 'ALL_CONTRADICT' });
    }
    return { kept, leftOut };
  }

  private async leftOutOf(
    subject: number,
    samples: readonly SampleRecord[],
    size: GridSize,
    slice: TimeSlice,
  ): Promise<readonly LeftOutPair[]> {
    const fingerprint = dataFingerprint(samples);
    const known = this.found.get(subject);
    if (known?.fingerprint === fingerprint) return known.leftOut;
    const leftOut = await this.contradictionsOf(samples, size, slice);
    this.found.set(subject, { fingerprint, leftOut });
    return leftOut;
  }

  private async contradictionsOf(
    samples: readonly SampleRecord[],
    size: GridSize,
    slice: TimeSlice,
  ): Promise<LeftOutPair[]> {
    const frames = await readFrames(this.cache, size, samples, slice);
    const pairs = await nearPairs(frames, size, slice);
    return chooseLeftOut(
      frames.map(({ isEmpty }) => isEmpty),
      pairs,
    ).map(({ index, against, ...rest }) => {
      const { id, fingerprint } = frames[index]!.sample;
      return { id, fingerprint, against: frames[against]!.sample.id, ...rest };
    });
  }
}

export function cleanedEvent(runId: string, { kept, leftOut }: CleanedSamples): TrainCleanedEvent {
  const count = (reason: LeftOutReason): number =>
    leftOut.filter((pair) => pair.reason === reason).length;
  return {
    type: 'train.cleaned',
    runId,
    pairs: kept.length + leftOut.length,
    leftOut: leftOut.length,
    reasons: {
      'empty-against-outlined': count('empty-against-outlined'),
      'outlined-against-empty': count('outlined-against-empty'),
      'outline-elsewhere': count('outline-elsewhere'),
    },
    ids: leftOut.map(({ id }) => id),
  };
}

/** What a model's folder tells of the samples. */
export function trainedOnOf(
  { training, validation }: RunSamples,
  { leftOut }: Pick<CleanedSamples, 'leftOut'>,
): TrainedOn {
  return {
    format: 1,
    training: fingerprintsOf(training),
    validation: fingerprintsOf(validation),
    leftOut: [...leftOut],
  };
}

export function fingerprintsOf(samples: readonly SampleRecord[]): Record<string, string> {
  return Object.fromEntries(samples.map(({ id, fingerprint }) => [id, fingerprint]));
}

/** One image and mask as near-duplicates are looked for. */
export interface Frame {
  readonly sample: SampleRecord;
  readonly descriptor: FrameDescriptor;
  /** 0 or 1, the network's size. */
  readonly mask: Uint8Array;
  readonly isEmpty: boolean;
}

/** Images read at once. */
const chunkLength = 32;

export async function readFrames(
  cache: Pick<Cache, 'readPixels'>,
  size: GridSize,
  samples: readonly SampleRecord[],
  slice: TimeSlice,
): Promise<Frame[]> {
  const frames: Frame[] = [];
  for (let start = 0; start < samples.length; start += chunkLength) {
    const chunk = samples.slice(start, start + chunkLength);
    const keys = chunk.map(pixelKeysOf);
    const images = await cache.readPixels(keys.map(({ image }) => image));
    const masks = await cache.readPixels(keys.map(({ mask }) => mask));
    for (const [nth, sample] of chunk.entries()) {
      const image = images[nth];
      const mask = masks[nth];
      if (image === undefined || mask === undefined) {
        throw new Error(`The cache has lost the pixels of ${sample.id}`);
      }
      const descriptor = await describeFrame({ ...size, data: image.pixels });
      frames.push({ sample, descriptor, mask: mask.pixels, isEmpty: !mask.pixels.includes(1) });
      if (slice.isOver) await slice.yield();
    }
  }
  return frames;
}

/** Every two frames that are near-duplicates. */
export async function nearPairs(
  frames: readonly Frame[],
  size: GridSize,
  slice: TimeSlice,
): Promise<NearPair[]> {
  const pairs: NearPair[] = [];
  for (const [a, first] of frames.entries()) {
    for (let b = a + 1; b < frames.length; b++) {
      const second = frames[b]!;
      const likeness = likenessOf(first.descriptor, second.descriptor);
      if (likeness !== null && likeness.similarity >= nearDuplicate) {
        const dice = alignedDice(first.mask, second.mask, size, likeness);
        pairs.push({ a, b, similarity: likeness.similarity, dice });
      }
      if (slice.isOver) await slice.yield();
    }
  }
  return pairs;
}

export function bySubject(samples: readonly SampleRecord[]): Map<number, SampleRecord[]> {
  const subjects = new Map<number, SampleRecord[]>();
  for (const sample of samples) {
    const subject = subjectOf(sample);
    const others = subjects.get(subject);
    if (others === undefined) subjects.set(subject, [sample]);
    else others.push(sample);
  }
  return subjects;
}
