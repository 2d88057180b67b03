import { groupBy } from '../../operators/group-by.js';
import type { GridSize } from '../../operators/image.js';
import {
  coarseSimilarity,
  describeFrame,
  type FrameDescriptor,
  nearDuplicate,
  similarityOf,
} from '../../operators/near-duplicate.js';
import type { Cache } from '../../store/cache.js';
import { pixelKeysOf } from '../../store/pixel-keys.js';
import type { SampleRecord } from '../../store/records.js';
import type { TimeSlice } from '../time-slice.js';
import { subjectOf } from '../training/training-split.js';

/** Two samples that show the same where they should have nothing in common. */
export interface Duplicate {
  readonly kind: 'identical' | 'near-identical';
  readonly first: SampleRecord;
  readonly second: SampleRecord;
  /** 1 where the files are the same, byte for byte. */
  readonly similarity: number;
}

/** Same bytes under two subjects, or in train and in test. */
export function identicalImages(samples: readonly SampleRecord[]): Duplicate[] {
  const found: Duplicate[] = [];
  for (const same of groupBy(samples, ({ imageSha }) => imageSha).values()) {
    const [first, ...others] = same;
    for (const second of others) {
      const isOneSubject =
        first!.split === 'train' &&
        second.split === 'train' &&
        subjectOf(first!) === subjectOf(second);
      const areBothTest = first!.split === 'test' && second.split === 'test';
      if (isOneSubject || areBothTest) continue;
      found.push({ kind: 'identical', first: first!, second, similarity: 1 });
    }
  }
  return found;
}

/**
 * A first look at all pairs of images of different subjects takes 1 KB an image; only what is left
 * is looked at more closely, so that this takes little memory however many there are.
 */
const leastAtFirstLook = 0.75;

/** Near-identical images of different subjects, those of the same bytes left out. */
export async function nearIdenticalAcrossSubjects(
  cache: Pick<Cache, 'readPixels'>,
  size: GridSize,
  samples: readonly SampleRecord[],
  slice: TimeSlice,
): Promise<Duplicate[]> {
  const describe = async (sample: SampleRecord): Promise<FrameDescriptor> => {
    const [record] = await cache.readPixels([pixelKeysOf(sample).image]);
    if (record === undefined) throw new Error(`The cache has lost the pixels of ${sample.id}`);
    if (slice.isOver) await slice.yield();
    return await describeFrame({ ...size, data: record.pixels });
  };
  const coarse: FrameDescriptor[] = [];
  for (const sample of samples) {
    const { levels } = await describe(sample);
    coarse.push({ levels: levels.slice(0, 1) });
  }
  const subjects = samples.map(subjectOf);
  const found: Duplicate[] = [];
  for (const [a, first] of samples.entries()) {
    let closer: FrameDescriptor | null = null;
    for (let b = a + 1; b < samples.length; b++) {
      if (slice.isOver) await slice.yield();
      const second = samples[b]!;
      if (subjects[a] === subjects[b] || first.imageSha === second.imageSha) continue;
      if (coarseSimilarity(coarse[a]!, coarse[b]!) < leastAtFirstLook) continue;
      closer ??= await describe(first);
      const aligned = similarityOf(closer, await describe(second));
      if (aligned === null || aligned.similarity < nearDuplicate) continue;
      found.push({ kind: 'near-identical', first, second, similarity: aligned.similarity });
    }
  }
  return found;
}
