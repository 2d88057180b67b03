import type { AuditEvent } from '../../events.js';
import { doubtsOf, doubtsOfSet } from '../../labels/doubts.js';
import type { GridSize } from '../../operators/image.js';
import type { SampleRecord } from '../../store/records.js';
import type { SampleFiles } from './sample-files.js';

type DoubtfulMask = AuditEvent['doubts'][number];

/** What is doubtful about a pair's mask (0 and 1, of the network's size). */
export function doubtsOfPair(
  sample: SampleRecord,
  mask: Uint8Array,
  size: GridSize,
  kind: 'filled' | 'outline',
  files: SampleFiles,
): DoubtfulMask[] {
  const doubts = doubtsOf({ ...size, data: mask }, { kind });
  if (sample.maskSha === sample.imageSha) {
    doubts.unshift({ code: 'MASK_IS_ITS_IMAGE', message: 'it is the same file as its image' });
  }
  return doubts.map((doubt) => ({ ...doubt, mask: files.maskOf(sample) }));
}

/** What is doubtful about all masks together. */
export function doubtsOfPairs(pairs: number, positive: number): DoubtfulMask[] {
  return doubtsOfSet({ pairs, positive }).map((doubt) => ({ ...doubt, mask: null }));
}
