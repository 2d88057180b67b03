// @module-tag long
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { FaultyPair } from '../../bench/cleaning/faulty-set.js';
import { loadWasmBackend } from '../../src/compute/wasm/load.js';
import { validationSubjects } from '../../src/operators/subject-folds.js';
import type { Catalog } from '../../src/store/catalog.js';
import { pixelKey } from '../../src/store/pixel-keys.js';
import type { SampleRecord } from '../../src/store/records.js';
import type { EvaluationFold } from '../../src/streams/evaluation/evaluation-plan.js';
import type { CleanedSamples, CleaningContext } from '../../src/streams/training/clean-labels.js';
import {
  folds,
  type Made,
  madeByFold,
  madeByTrainer,
  people,
  type World,
} from './counterfactual.js';

/** Which leak is planted in the program itself. */
const planted = vi.hoisted(() => ({
  leak: 'none' as 'none' | 'normalisation' | 'split' | 'cleaning',
  everybody: [] as SampleRecord[],
}));

vi.mock('../../src/streams/training/training-normalisation.js', async (original) => {
  const real =
    await original<typeof import('../../src/streams/training/training-normalisation.js')>();
  return {
    normalisationOfSamples: (catalog: Catalog, training: readonly SampleRecord[]) =>
      real.normalisationOfSamples(
        catalog,
        planted.leak === 'normalisation' ? [...catalog.samples.values()] : training,
      ),
  };
});

vi.mock('../../src/streams/training/clean-labels.js', async (original) => {
  const real = await original<typeof import('../../src/streams/training/clean-labels.js')>();
  return {
    ...real,
    cleanLabels: (samples: readonly SampleRecord[], context: CleaningContext) =>
      planted.leak === 'cleaning'
        ? brighterThanAll(samples, context.catalog)
        : real.cleanLabels(samples, context),
  };
});

vi.mock('../../src/streams/training/training-split.js', async (original) => {
  const real = await original<typeof import('../../src/streams/training/training-split.js')>();
  return {
    ...real,
    splitBySubject: (pairs: readonly SampleRecord[], folds: number) => {
      planted.everybody = [...pairs];
      const split = real.splitBySubject(pairs, folds);
      if (planted.leak !== 'split') return split;
      return { ...split, training: [...split.training, split.validation[0]!] };
    },
  };
});

// Two trainings each, small ones; but a machine may be busy.
vi.setConfig({ testTimeout: 120_000 });

beforeAll(async () => {
  await loadWasmBackend(1);
});
afterEach(() => {
  planted.leak = 'none';
  vi.restoreAllMocks();
});

/** Names of what came out otherwise than it would have; none where nothing leaks. */
async function leaks(make: (world: World) => Promise<Made>, change?: World['change']) {
  const world = change === undefined ? {} : { change };
  const asItIs = await make({ ...world, isGarbage: false });
  const counterfactual = await make({ ...world, isGarbage: true });
  const keys = Object.keys(asItIs) as (keyof Made)[];
  return keys.filter((key) => JSON.stringify(asItIs[key]) !== JSON.stringify(counterfactual[key]));
}

/** The first image and mask of one subject, under the name of another subject's. */
function copied(from: number, to: number) {
  return (pairs: FaultyPair[]): FaultyPair[] => {
    const source = pairs.find(({ subject }) => subject === from)!;
    return [...pairs, { ...source, id: `${to}_99`, subject: to }];
  };
}

describe('train', () => {
  test('makes weights, normalisation and cleaning of the training subjects alone', async () => {
    expect(await leaks(madeByTrainer)).toEqual([]);
  });

  test('is deterministic, or the above would prove nothing', async () => {
    const made = await madeByTrainer({ isGarbage: false });
    expect(await madeByTrainer({ isGarbage: false })).toEqual(made);
    expect((made.leftOut as unknown[]).length).toBeGreaterThan(0);
  });

  test('a leak by normalisation over all images would be seen', async () => {
    planted.leak = 'normalisation';
    expect(await leaks(madeByTrainer)).toEqual(
      expect.arrayContaining(['normalisation', 'weights']),
    );
  });

  test('a validation pair among those trained on would be seen', async () => {
    planted.leak = 'split';
    expect(await leaks(madeByTrainer)).toContain('weights');
  });

  test('an image of a validation subject under a training subject would be seen', async () => {
    const [validating] = validationSubjects(people, { folds, fold: 0 });
    const training = people.find((subject) => subject !== validating)!;
    expect(await leaks(madeByTrainer, copied(Number(validating), training))).toContain('weights');
  });

  test('cleaning by a threshold that validation subjects have a part in would be seen', async () => {
    planted.leak = 'cleaning';
    expect(await leaks(madeByTrainer)).toEqual(expect.arrayContaining(['leftOut', 'weights']));
  });
});

/** A bad cleaning: leaves out what is brighter than the mean of all images, those that validate included. */
async function brighterThanAll(
  samples: readonly SampleRecord[],
  { cache }: CleaningContext['catalog'],
): Promise<CleanedSamples> {
  const brightness = async ({ imageSha, preprocessing }: SampleRecord) => {
    const [record] = await cache.readPixels([pixelKey(imageSha, 'image', preprocessing)]);
    return record!.pixels.reduce((sum, pixel) => sum + pixel, 0) / record!.pixels.length;
  };
  const everybody = await Promise.all(planted.everybody.map(brightness));
  const mean = everybody.reduce((sum, value) => sum + value, 0) / everybody.length;
  const own = await Promise.all(samples.map(brightness));
  const why = { reason: 'outline-elsewhere', against: '', similarity: 1, dice: 0 } as const;
  return {
    kept: samples.filter((_, nth) => own[nth]! <= mean),
    leftOut: samples.filter((_, nth) => own[nth]! > mean).map((sample) => ({ ...sample, ...why })),
  };
}

describe('a fold of evaluate', () => {
  test('fixes model, epoch and post-processing without those held out', async () => {
    expect(await leaks(madeByFold)).toEqual([]);
  });

  test.each<[string, (fold: EvaluationFold) => EvaluationFold]>([
    ['training', (fold) => ({ ...fold, training: [...fold.training, ...fold.heldOut] })],
    ['choosing the epoch and tuning', (fold) => ({ ...fold, validation: fold.heldOut })],
  ])('%s on those held out would be seen', async (_, leak) => {
    expect(await leaks((world) => madeByFold(world, leak))).not.toEqual([]);
  });
});
