import { expect, test } from 'vitest';
import { sha256 } from '../../src/operators/fingerprint.js';
import type { Cache } from '../../src/store/cache.js';
import type { SampleRecord } from '../../src/store/records.js';
import { pixelKeysOf } from '../../src/streams/training/batches.js';
import { maskPriorOfSamples } from '../../src/streams/training/mask-prior-of-samples.js';
import { subjectOf } from '../../src/streams/training/training-split.js';

const area = 256;

function sampleOf(subject: number, index: number): SampleRecord {
  const id = `${subject}_${index}`;
  const shas = { imageSha: `i${id}`, maskSha: `m${id}` };
  return { id, split: 'train', ...shas, fingerprint: sha256(id), preprocessing: '16x16:v1' };
}

/** Masks of one pixel, which is the subject's; every third is empty. */
function cacheOf(samples: readonly SampleRecord[]): Pick<Cache, 'readPixels'> {
  const byKey = new Map(samples.map((sample) => [pixelKeysOf(sample).mask, sample]));
  const original = { originalHeight: 16, originalWidth: 16 };
  return {
    async readPixels(keys) {
      return keys.map((key) => {
        const sample = byKey.get(key)!;
        const pixels = new Uint8Array(area);
        if (Number(sample.id.split('_')[1]) % 3 > 0) pixels[subjectOf(sample)] = 1;
        return { ...original, pixels };
      });
    },
  };
}

const priorOf = (samples: readonly SampleRecord[]) =>
  maskPriorOfSamples({ cache: cacheOf(samples) as Cache }, samples);

test('a mask prior is of as many masks as are fitted, evenly of all subjects, in whatever order they come', async () => {
  const few = Array.from({ length: 9 }, (_, index) => sampleOf(1, index));
  const many = Array.from({ length: 900 }, (_, index) => sampleOf(2 + (index % 10), index));
  const samples = [...few, ...many];
  const prior = (await priorOf(samples))!;
  expect(prior.masks).toBe(300);
  const ofSubjects = Array.from(prior.mean.subarray(1, 12), (share) => Math.round(share * 300));
  // All six that the first has, and as many of each other one, but for the chance of empty ones.
  expect(ofSubjects[0]).toBe(6);
  expect(Math.min(...ofSubjects.slice(1))).toBeGreaterThan(15);
  expect(ofSubjects.reduce((sum, count) => sum + count, 0)).toBe(300);
  expect(await priorOf(samples.toReversed())).toEqual(prior);
});

test('there is none of samples without a mask that is not empty', async () => {
  expect(await priorOf([])).toBeNull();
  expect(await priorOf([sampleOf(1, 3), sampleOf(2, 6)])).toBeNull();
});
