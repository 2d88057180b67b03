import type { LabelCeiling } from '../../events.js';
import { bootstrapInterval } from '../../operators/bootstrap-interval.js';
import { groupBy } from '../../operators/group-by.js';
import type { GridSize } from '../../operators/image.js';
import { meanOf } from '../../operators/statistics.js';
import type { Cache } from '../../store/cache.js';
import type { SampleRecord } from '../../store/records.js';
import { TimeSlice } from '../time-slice.js';
import { nearPairs, readFrames } from '../training/near-frames.js';
import { subjectOf } from '../training/training-split.js';
import { bootstrapSeed } from './evaluation-figures.js';

/**
 * How well people agree with themselves: the Dice between the masks of near-identical images of one
 * subject, on the network's grid, laid over one another as the images are. A model that is scored
 * against such masks cannot be expected to come out above it. A copy of an image with a copy of its
 * mask is no second look. Null where no two images are near-identical.
 */
export async function labelCeilingOf(
  pairs: readonly SampleRecord[],
  cache: Pick<Cache, 'readPixels'>,
  size: GridSize,
): Promise<LabelCeiling | null> {
  const slice = new TimeSlice();
  const bySubject: { dice: number; isEmpty: boolean }[][] = [];
  for (const samples of groupBy(pairs, subjectOf).values()) {
    if (samples.length < 2) continue;
    const frames = await readFrames(cache, size, samples, slice);
    const looks = (await nearPairs(frames, size, slice)).flatMap(({ a, b, dice }) => {
      const [one, other] = [frames[a]!, frames[b]!];
      const isCopy =
        one.sample.imageSha === other.sample.imageSha &&
        one.sample.maskSha === other.sample.maskSha;
      return isCopy ? [] : { dice, isEmpty: one.isEmpty && other.isEmpty };
    });
    if (looks.length > 0) bySubject.push(looks);
  }
  const all = bySubject.flat();
  if (all.length === 0) return null;
  const diceOf = ({ dice }: { readonly dice: number }) => dice;
  const outlined = all.filter(({ isEmpty }) => !isEmpty);
  return {
    pairs: all.length,
    subjects: bySubject.length,
    dice: meanOf(all, diceOf),
    diceInterval: bootstrapInterval(
      bySubject.map((looks) => looks.map(diceOf)),
      bootstrapSeed,
    ),
    outlinedPairs: outlined.length,
    outlinedDice: outlined.length === 0 ? null : meanOf(outlined, diceOf),
  };
}
