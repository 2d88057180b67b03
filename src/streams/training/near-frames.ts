import { alignedDice, type NearPair } from '../../operators/contradiction.js';
import type { GridSize } from '../../operators/image.js';
import {
  describeFrame,
  type FrameDescriptor,
  nearDuplicate,
  similarityOf,
} from '../../operators/near-duplicate.js';
import type { Cache } from '../../store/cache.js';
import type { SampleRecord } from '../../store/records.js';
import { readSamplePixels } from '../../store/sample-pixels.js';
import type { TimeSlice } from '../time-slice.js';

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
    const images = await readSamplePixels(cache, chunk, 'image');
    const masks = await readSamplePixels(cache, chunk, 'mask');
    for (const [nth, sample] of chunk.entries()) {
      const mask = masks[nth]!;
      const descriptor = await describeFrame({ ...size, data: images[nth]! });
      frames.push({ sample, descriptor, mask, isEmpty: !mask.includes(1) });
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
      const aligned = similarityOf(first.descriptor, second.descriptor);
      if (aligned !== null && aligned.similarity >= nearDuplicate) {
        const dice = alignedDice(first.mask, second.mask, size, aligned);
        pairs.push({ a, b, similarity: aligned.similarity, dice });
      }
      if (slice.isOver) await slice.yield();
    }
  }
  return pairs;
}
