import type { AuditEvent } from '../../events.js';
import { doubtsOf, doubtsOfSet } from '../../labels/doubts.js';
import type { GridSize } from '../../operators/image.js';
import type { SampleRecord } from '../../store/records.js';
import type { SampleFiles } from './sample-files.js';

type DoubtfulMask = AuditEvent['doubts'][number];

/** What was doubtful about a pair's mask when it was read, and what its pixels (0 and 1) show now. */
export function doubtsOfPair(
  sample: SampleRecord,
  mask: Uint8Array,
  size: GridSize,
  kind: 'filled' | 'outline',
  files: SampleFiles,
): DoubtfulMask[] {
  const told = files.doubtsOf(sample);
  const seen = doubtsOf({ ...size, data: mask }, { kind });
  const doubts = [...told, ...seen.filter(({ code }) => told.every((one) => one.code !== code))];
  if (files.isMaskItsImage(sample)) {
    doubts.unshift({ code: 'MASK_IS_ITS_IMAGE', message: 'it is the same file as its image' });
  }
  return doubts.map((doubt) => ({ ...doubt, mask: files.maskOf(sample) }));
}

/** What is doubtful about all masks together. */
export function doubtsOfPairs(pairs: number, positive: number): DoubtfulMask[] {
  return doubtsOfSet({ pairs, positive }).map((doubt) => ({ ...doubt, mask: null }));
}
