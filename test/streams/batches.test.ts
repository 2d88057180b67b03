import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { BatchPass, PairBatch } from '../../src/compute/compute.js';
import { recipes } from '../../src/model/recipe.js';
import type { PixelRecord, SampleRecord } from '../../src/store/records.js';
import { batchSource } from '../../src/streams/training/batches.js';

function pairs(subject: number, count: number): SampleRecord[] {
  return Array.from({ length: count }, (_, n) => ({
    id: `${subject}_${n + 1}`,
    split: 'train' as const,
    imageSha: `${subject * 50 + n}`,
    maskSha: `${n % 2}`,
    fingerprint: `${subject} ${n}`,
    preprocessing: 'p',
  }));
}

/** Every image is one pixel, the number that is its hash. */
const cache = {
  readPixels: async (keys: readonly string[]) =>
    keys.map((key): PixelRecord => {
      const pixels = new Uint8Array([Number(key.split(':')[0])]);
      return { originalHeight: 1, originalWidth: 1, pixels };
    }),
};

async function collect(batches: AsyncIterable<PairBatch>): Promise<number[][]> {
  const all: number[][] = [];
  for await (const { images, count } of batches) {
    expect(images).toHaveLength(count);
    all.push([...images]);
  }
  return all;
}

const training = pairs(1, 11);
const validation = pairs(2, 5);
const options = { seed: 1, batchSize: 4, recipe: recipes.tutorial };
const train = (epoch: number, firstStep = 0): BatchPass => ({ phase: 'train', epoch, firstStep });

test('an epoch visits every training pair once, the last batch partial', async () => {
  const batches = await collect(batchSource(cache, { training, validation }, options)(train(1)));
  expect(batches.map((batch) => batch.length)).toEqual([4, 4, 3]);
  expect(batches.flat().sort()).toEqual(training.map(({ imageSha }) => Number(imageSha)).sort());
});

test('the order depends on seed and epoch alone, not on how the samples came', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.shuffledSubarray(training, { minLength: training.length }),
      fc.nat(5),
      fc.nat(5),
      async (shuffled, seed, epoch) => {
        const given = { ...options, seed };
        const one = batchSource(cache, { training, validation }, given)(train(epoch));
        const other = batchSource(cache, { training: shuffled, validation }, given)(train(epoch));
        expect(await collect(one)).toEqual(await collect(other));
      },
    ),
    { numRuns: 30 },
  );
  const source = batchSource(cache, { training, validation }, options);
  expect(await collect(source(train(1)))).not.toEqual(await collect(source(train(2))));
});

test('an epoch that goes on yields exactly the rest of the batches', async () => {
  const source = batchSource(cache, { training, validation }, options);
  const whole = await collect(source(train(3)));
  for (let firstStep = 0; firstStep <= whole.length; firstStep++) {
    expect(await collect(source(train(3, firstStep)))).toEqual(whole.slice(firstStep));
  }
});

test('validation is the same in every epoch, and of other pairs', async () => {
  const source = batchSource(cache, { training, validation }, options);
  const first = await collect(source({ phase: 'validate', epoch: 1 }));
  expect(first.flat()).toEqual(validation.map(({ imageSha }) => Number(imageSha)));
  expect(await collect(source({ phase: 'validate', epoch: 2 }))).toEqual(first);
});

test('a pair whose pixels the cache has lost is named', async () => {
  const empty = { readPixels: async (keys: readonly string[]) => keys.map(() => undefined) };
  const source = batchSource(empty, { training, validation }, options);
  await expect(collect(source(train(1)))).rejects.toThrow(/lost the pixels of 1_\d+/);
});
