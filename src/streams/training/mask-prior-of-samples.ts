import { fitMaskPrior, type MaskPrior, mostPriorMasks } from '../../operators/mask-prior.js';
import type { Catalog } from '../../store/catalog.js';
import type { SampleRecord } from '../../store/records.js';
import { inTimeSlices } from '../time-slice.js';
import { pixelKeysOf } from './batches.js';
import { subjectOf } from './training-split.js';

/** Images read at once. */
const chunkLength = 64;

/**
 * Of the training masks alone, as many as are fitted, evenly of all subjects; null where too few
 * are not empty.
 */
export async function maskPriorOfSamples(
  { cache }: Pick<Catalog, 'cache'>,
  training: readonly SampleRecord[],
): Promise<MaskPrior | null> {
  const keys = bySubjectInTurn(training).map((sample) => pixelKeysOf(sample).mask);
  const masks: Uint8Array[] = [];
  let most = Number.POSITIVE_INFINITY;
  for (let start = 0; start < keys.length && masks.length < most; start += chunkLength) {
    for (const record of await cache.readPixels(keys.slice(start, start + chunkLength))) {
      if (!record?.pixels.includes(1)) continue;
      most = mostPriorMasks(record.pixels.length);
      if (masks.length < most) masks.push(record.pixels);
    }
  }
  return await inTimeSlices(fitMaskPrior(masks));
}

/** One of each subject, then another one of each; a subject's own in an order that is as good as any. */
function bySubjectInTurn(samples: readonly SampleRecord[]): SampleRecord[] {
  const seen = new Map<number, number>();
  return samples
    .toSorted((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1))
    .map((sample) => {
      const subject = subjectOf(sample);
      const turn = seen.get(subject) ?? 0;
      seen.set(subject, turn + 1);
      return { sample, turn };
    })
    .sort((a, b) => a.turn - b.turn)
    .map(({ sample }) => sample);
}
