import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type FaultyPair, faultyPairs } from '../../bench/cleaning/faulty-set.js';
import { recipes } from '../../src/model/recipe.js';
import { sha256 } from '../../src/operators/fingerprint.js';
import { randomFrom } from '../../src/operators/seeded-random.js';
import type { CacheWrite } from '../../src/store/cache-writes.js';
import { readCard } from '../../src/store/model-folder.js';
import { ModelRegistry } from '../../src/store/model-registry.js';
import { type OpenStore, openStore } from '../../src/store/open-store.js';
import { pixelKeysOf } from '../../src/store/pixel-keys.js';
import type { SampleRecord } from '../../src/store/records.js';
import { readTrainedOn } from '../../src/store/trained-on.js';
import { evaluateFold } from '../../src/streams/evaluation/evaluate-fold.js';
import {
  type EvaluationFold,
  planEvaluation,
} from '../../src/streams/evaluation/evaluation-plan.js';
import { splitBySubject, subjectOf } from '../../src/streams/training/training-split.js';
import { testSettings } from '../support/test-settings.js';
import { temporaryFolder } from '../support/tiny-run.js';
import { cachePairs } from './cached-pairs.js';
import { InProcessCompute } from './in-process-compute.js';
import { TrainerInTest } from './trainer-in-test.js';

/**
 * The honesty of a training, tested by a counterfactual: had the subjects that are held out shown
 * something else entirely, whatever was made without them would be the same, bit for bit. Any way at
 * all by which something of them reaches it makes a difference.
 */

/** All that must not depend on who is held out. */
export interface Made {
  /** Digest of the weights. */
  readonly weights: string;
  readonly normalisation: unknown;
  /** Training pairs that cleaning left out, and why. */
  readonly leftOut: unknown;
  /** Where the path decides them without the held-out subjects. */
  readonly epoch?: number;
  readonly postProcessing?: unknown;
}

export interface World {
  /** The held-out subjects' images and masks are noise. */
  readonly isGarbage: boolean;
  /** The data set, before it is taken in. */
  readonly change?: (pairs: FaultyPair[]) => FaultyPair[];
}

const size = { height: 16, width: 32 };
export const folds = 3;
export const people: readonly number[] = [1, 2, 3, 4, 5, 6];
const recipe = {
  ...recipes.fast,
  // Per image, nothing of other images could reach the weights by it.
  imageNormalisation: 'data-set',
  filters: 2,
  learningRate: 1e-2,
  cleaning: 'contradictions',
} as const;

/** Six people; near-identical frames, some with contradictory masks. */
function dataSet({ change = (pairs) => pairs }: World): FaultyPair[] {
  const faults = { emptyShare: 0.2, emptied: 0.2, displaced: 0, test: 0, seed: 3 };
  const drawn = { height: 64, width: 96 };
  const set = { subjects: people.length, sweepsPerSubject: 3, frames: 2, size: drawn, ...faults };
  return change([...faultyPairs(set)]);
}

/** What `train` makes without its validation subjects, the choice of the epoch and post-processing aside: those are theirs. */
export async function madeByTrainer(world: World): Promise<Made> {
  return await inWorld(world, async (store, samples, root) => {
    const { validation } = splitBySubject(samples, folds);
    if (world.isGarbage) await turnToGarbage(store, validation);
    const place = { raw: join(root, 'raw'), store: store.paths.root };
    const settings = testSettings(place, { epochs: 1, folds, recipe: 'default' });
    const trainer = new TrainerInTest({
      catalog: store.catalog,
      compute: new InProcessCompute(),
      settings: { ...settings, size, recipes: { default: { ...recipe, name: 'default' } } },
      registry: new ModelRegistry(store.paths.models),
    });
    const failures: string[] = [];
    trainer.events$.subscribe((event) => {
      if (event.type === 'train.failed') failures.push(event.message);
    });
    await trainer.trainIfNeeded({ isRequested: true });
    const best = await new ModelRegistry(store.paths.models).current();
    if (best.status !== 'found') throw new Error(`nothing was trained: ${failures.join()}`);
    return await madeIn(best.value.folder);
  });
}

/** What a fold of `evaluate` makes before it looks at those whom it holds out. */
export async function madeByFold(
  world: World,
  leak: (fold: EvaluationFold) => EvaluationFold = (fold) => fold,
): Promise<Made> {
  return await inWorld(world, async (store, samples, root) => {
    const settings = { size, batchSize: 4, epochs: 2, folds, precision: 'float32' } as const;
    const plan = planEvaluation(samples, recipe, settings, 'test')!;
    const fold = plan.folds[0]!;
    if (world.isGarbage) await turnToGarbage(store, fold.heldOut);
    const folder = join(root, 'fold');
    const evaluated = await evaluateFold(leak(fold), 1, {
      catalog: store.catalog,
      compute: new InProcessCompute(),
      memory: { contradictions: new Map() },
      settings,
      recipe,
      plan,
      folder,
      emit: () => {},
      stopping: new AbortController().signal,
    });
    const { modelFolder, bestEpoch, postProcessing } = evaluated!.heldOut.record;
    const made = await madeIn(join(folder, basename(modelFolder)));
    return { ...made, epoch: bestEpoch, postProcessing };
  });
}

async function inWorld<T>(
  world: World,
  make: (store: OpenStore, samples: SampleRecord[], root: string) => Promise<T>,
): Promise<T> {
  const root = temporaryFolder();
  const store = await openStore(join(root, 'store'), 'test');
  try {
    const samples = await cachePairs(store.catalog, dataSet(world), size, {
      // All empty masks share their pixels: making noise of one person's would be seen in another's.
      hasOwnMasks: true,
    });
    return await make(store, samples, root);
  } finally {
    await store.close();
  }
}

/**
 * Other pixels under the same keys: names, fingerprints and numbers stay, so whatever changes comes
 * of what there is to see. Pixels are known by content, so copies of an image change with it.
 */
async function turnToGarbage(store: OpenStore, samples: readonly SampleRecord[]): Promise<void> {
  const area = size.height * size.width;
  const original = { originalHeight: 64, originalWidth: 96 };
  const writes = samples.flatMap((sample): CacheWrite[] => {
    const random = randomFrom('garbage', subjectOf(sample), sample.id);
    const { image, mask } = pixelKeysOf(sample);
    const noise = Uint8Array.from({ length: area }, () => 256 * random());
    const spots = Uint8Array.from({ length: area }, () => Math.round(random()));
    return [
      { put: 'pixels', key: image, record: { ...original, pixels: noise } },
      { put: 'pixels', key: mask, record: { ...original, pixels: spots } },
    ];
  });
  await store.catalog.commit(writes);
}

async function madeIn(folder: string): Promise<Made> {
  const card = await readCard(folder);
  const samples = await readTrainedOn(folder);
  if (card.status !== 'found' || samples.status !== 'found')
    throw new Error(`no model in ${folder}`);
  return {
    weights: sha256(await readFile(join(folder, 'weights.bin'))),
    normalisation: card.value.normalisation,
    leftOut: samples.value.leftOut,
  };
}
