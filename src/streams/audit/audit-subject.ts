import type { AuditEvent, AuditedPair } from '../../events.js';
import { chooseLeftOut, isContradiction } from '../../operators/contradiction.js';
import type { GridSize } from '../../operators/image.js';
import type { Cache } from '../../store/cache.js';
import type { SampleRecord } from '../../store/records.js';
import type { TimeSlice } from '../time-slice.js';
import { type Frame, nearPairs, readFrames } from '../training/near-frames.js';
import type { SampleFiles } from './sample-files.js';

/** Outlines of one thing, drawn twice with care, overlap by more. */
const goodAgreement = 0.7;

export interface SubjectFindings {
  readonly frames: readonly Frame[];
  readonly contradictions: AuditEvent['contradictions'];
  readonly partialOverlaps: readonly AuditedPair[];
  /** Files of masks that near-identical images have in common. */
  readonly sharedMasks: readonly string[];
}

/** Compares the masks of one subject's near-identical images. */
export async function auditSubject(
  samples: readonly SampleRecord[],
  files: SampleFiles,
  cache: Pick<Cache, 'readPixels'>,
  size: GridSize,
  slice: TimeSlice,
): Promise<SubjectFindings> {
  const frames = await readFrames(cache, size, samples, slice);
  const near = await nearPairs(frames, size, slice);
  const leftOut = chooseLeftOut(
    frames.map(({ isEmpty }) => isEmpty),
    near,
  );
  const pairs = near.map((pair) => ({ ...pair, first: frames[pair.a]!, second: frames[pair.b]! }));
  return {
    frames,
    contradictions: leftOut.map(({ index, against, reason, similarity, dice }) => {
      const { sample } = frames[index]!;
      const { sample: other } = frames[against]!;
      return {
        reason,
        image: files.imageOf(sample),
        mask: files.maskOf(sample).file,
        against: files.imageOf(other),
        againstMask: files.maskOf(other).file,
        similarity,
        dice,
      };
    }),
    partialOverlaps: pairs
      .filter(({ first, second }) => !first.isEmpty && !second.isEmpty)
      .filter((pair) => !isContradiction(pair) && pair.dice < goodAgreement)
      .map(({ first, second, similarity, dice }) => ({
        first: files.maskOf(first.sample),
        second: files.maskOf(second.sample),
        similarity,
        dice,
      })),
    sharedMasks: pairs
      .filter(({ first, second }) => first.sample.maskSha === second.sample.maskSha)
      .map(({ first }) => first.sample.maskSha ?? ''),
  };
}
