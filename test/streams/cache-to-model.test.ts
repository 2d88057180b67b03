import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { filter, firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ComputeFailure } from '../../src/compute/compute.js';
import { meanOf } from '../../src/operators/statistics.js';
import type { Settings } from '../../src/settings/options.js';
import { recipeOf } from '../../src/settings/recipe-of-settings.js';
import { saveCheckpoint } from '../../src/store/checkpoints.js';
import { saveModel } from '../../src/store/model-folder.js';
import { ModelRegistry } from '../../src/store/model-registry.js';
import { type OpenStore, openStore } from '../../src/store/open-store.js';
import { makeCacheToModel } from '../../src/streams/cache-to-model.js';
import { takeInOnce } from '../../src/streams/intake/take-in-once.js';
import { findCurrentModel } from '../../src/streams/prediction/find-current-model.js';
import { FakeCompute, fakeCard, placeModel } from '../support/fake-compute.js';
import { RawFolder } from '../support/raw-folder.js';
import { Recorder } from '../support/recorder.js';
import { testSettings } from '../support/test-settings.js';
import { type OfferedModel, TrainerInTest } from './trainer-in-test.js';

let folder: RawFolder;
let store: OpenStore;
let compute: FakeCompute;
let trainer: TrainerInTest;
let settings: Settings;
let registry: ModelRegistry;
let recorder: Recorder;
let models: OfferedModel[];
let clock: number;

beforeEach(async () => {
  folder = await RawFolder.make();
  await folder.pairs(3, 3);
  clock = 0;
  store = await openStore(folder.store, 'test');
  await takeIn();
  begin();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await store.close();
  await folder.delete();
});

async function takeIn(flags: Parameters<typeof testSettings>[1] = {}): Promise<void> {
  const { catalog, paths } = store;
  await takeInOnce({ settings: testSettings(folder, flags), catalog, paths }, () => {});
}

function begin(flags: Parameters<typeof testSettings>[1] = {}): void {
  compute = new FakeCompute();
  settings = testSettings(folder, flags);
  registry = new ModelRegistry(store.paths.models);
  trainer = new TrainerInTest({
    catalog: store.catalog,
    compute,
    settings,
    registry,
    now: () => new Date(clock++),
  });
  recorder = new Recorder(trainer.events$);
  models = [];
  trainer.models$.subscribe((model) => models.push(model));
}

const currentModel = () => findCurrentModel(registry, settings, () => {});
const noWeights = { topology: {}, weightSpecs: [], weights: new Uint8Array() };
const train = (isRequested = false) => trainer.trainIfNeeded({ isRequested });

test('trains when there is no model, offers the best so far and the last, moves `best`', async () => {
  expect(await train()).toEqual({ train: true, reason: 'no-model' });
  expect(recorder.all.map(({ type }) => type)).toEqual([
    'train.started',
    'train.epoch',
    'train.epoch',
    'train.done',
    'model.promoted',
  ]);
  expect(recorder.of('train.started')[0]).toMatchObject({
    subjects: 3,
    epochs: 2,
    reason: 'no-model',
  });
  const { pairs, validationPairs } = recorder.of('train.started')[0]!;
  expect(pairs + validationPairs).toBe(9);
  expect(models.map(({ isFinal }) => isFinal)).toEqual([false, false, true]);
  const best = await new ModelRegistry(store.paths.models).current();
  expect(best).toMatchObject({
    value: { card: { modelId: recorder.of('train.done')[0]!.modelId } },
  });
  expect(await currentModel()).toMatchObject({ insteadOf: null });
});

test('tells first that it trains and last what became of it', async () => {
  const stopping = new AbortController().signal;
  const emit = () => {};
  const context = { catalog: store.catalog, compute, settings, registry, stopping, emit };
  const cacheToModel = makeCacheToModel(context);
  const signals = await lastValueFrom(cacheToModel({ isRequested: false }).pipe(toArray()));
  expect(signals[0]).toMatchObject({ type: 'started', reason: 'no-model' });
  const modelId = (await currentModel())?.card.modelId;
  expect(signals.at(-1)).toMatchObject({
    type: 'ended',
    outcome: { type: 'trained', isPromoted: true, model: { modelId } },
  });
  const again = await lastValueFrom(cacheToModel({ isRequested: false }).pipe(toArray()));
  expect(again).toEqual([{ type: 'ended', outcome: { type: 'not-due', why: 'current' } }]);
});

test('what is current is not trained again, also after a restart', async () => {
  await train();
  expect(await train()).toEqual({ train: false, why: 'current' });
  begin();
  expect(await train()).toEqual({ train: false, why: 'current' });
  expect(compute.runs).toHaveLength(0);
});

test('a cache made anew does not count as changed data', async () => {
  await train();
  const runs = await store.catalog.cache.trainingRunIds();
  await store.catalog.commit(runs.map((runId) => ({ remove: 'training-set', runId }) as const));
  expect(await train()).toEqual({ train: false, why: 'current' });
  await folder.mask('train/1_1_mask.tif', 8);
  await takeIn();
  expect(await train()).toEqual({ train: true, reason: 'data-changed' });
});

test('a changed mask is a reason, on request it always trains', async () => {
  await train();
  await folder.mask('train/1_1_mask.tif', 8);
  await takeIn();
  expect(await train()).toEqual({ train: true, reason: 'data-changed' });
  expect(await train(true)).toEqual({ train: true, reason: 'requested' });
});

test('two runs never share a name', async () => {
  await train();
  await train(true);
  expect(new Set(compute.runs.map(({ runId }) => runId)).size).toBe(2);
});

test('a failed training is told, and not tried again until the data changes or a person asks', async () => {
  compute.trainFailure = new ComputeFailure('LOSS_NOT_FINITE', 'not a number');
  await train();
  expect(recorder.of('train.failed')).toMatchObject([{ code: 'LOSS_NOT_FINITE' }]);
  expect(await train()).toEqual({ train: false, why: 'failed' });
  expect(trainer.busy$.value).toBe(false);
  compute.trainFailure = null;
  await folder.pair('4_1', 9);
  await takeIn();
  expect(await train()).toEqual({ train: true, reason: 'no-model' });
  expect(recorder.of('train.done')).toHaveLength(1);
});

test('a store that cannot be read while deciding is a failure, not a crash', async () => {
  await train();
  vi.spyOn(store.catalog.cache, 'trainingSetOf').mockRejectedValue(new Error('IO error'));
  expect(await train()).toEqual({ train: false, why: 'failed' });
  expect(recorder.of('train.failed')).toMatchObject([{ message: 'IO error' }]);
  expect(trainer.busy$.value).toBe(false);
});

describe('cleaning', () => {
  /** The same image under two names of each subject; the second has another mask in two of three. */
  async function contradict(): Promise<void> {
    for (const subject of [1, 2, 3]) {
      await folder.image(`train/${subject}_4.tif`, subject * 100 + 1);
      await folder.mask(`train/${subject}_4_mask.tif`, subject === 1 ? 101 : 0, {
        height: 20,
        width: 24,
      });
    }
    await takeIn();
  }

  test('leaves contradictory pairs out of training, never of validation, and says so', async () => {
    await contradict();
    await train();
    const [run] = compute.runs;
    const [cleaned] = recorder.of('train.cleaned');
    const { training, validation, leftOut } = run!.trainedOn!;
    const validating = new Set(run!.fold.validationSubjects);
    const subjectsOf = (ids: readonly string[]) => ids.map((id) => Number(id.split('_')[0]));
    expect(cleaned).toMatchObject({ runId: run!.runId, leftOut: leftOut.length });
    expect(cleaned!.ids).toEqual(leftOut.map(({ id }) => id));
    expect(leftOut.length).toBeGreaterThan(0);
    expect(subjectsOf(cleaned!.ids).filter((subject) => validating.has(subject))).toEqual([]);
    expect(Object.keys(validation)).toHaveLength(4 * validating.size);
    expect(Object.keys(training).length + leftOut.length).toBe(4 * (3 - validating.size));
    expect(run).toMatchObject({
      pairs: Object.keys(training).length,
      validationPairs: Object.keys(validation).length,
    });
    expect(recorder.of('train.started')[0]!.pairs).toBe(run!.pairs);
    expect(await train()).toEqual({ train: false, why: 'current' });
  });

  test('`--cleaning none` trains on all of them', async () => {
    await contradict();
    begin({ cleaning: 'none' });
    await train();
    expect(recorder.of('train.cleaned')).toEqual([]);
    const { pairs, validationPairs } = compute.runs[0]!;
    expect(pairs + validationPairs).toBe(12);
  });
});

describe('what follows a model', () => {
  const best = async () => {
    const read = await new ModelRegistry(store.paths.models).current();
    return read.status === 'found' ? read.value.card.modelId : null;
  };
  const models = async () =>
    (await readdir(store.paths.models)).filter((name) => name.startsWith('model-'));

  /** A first model; then one pair more, so that a second training is due. */
  async function trainOnce(): Promise<string> {
    await train();
    await folder.pair('1_9', 9);
    await takeIn();
    return recorder.of('train.done')[0]!.modelId;
  }

  test('goes on from its weights, with half the epochs', async () => {
    const first = await trainOnce();
    expect(await train()).toEqual({ train: true, reason: 'data-changed' });
    expect(compute.runs[1]).toMatchObject({
      epochs: 1,
      startFrom: { modelId: first, folder: join(store.paths.models, `model-${first}`) },
    });
    expect(recorder.of('train.started')[1]).toMatchObject({ startedFrom: first, epochs: 1 });
  });

  test('takes the epochs asked for, and starts anew with --fresh', async () => {
    const first = await trainOnce();
    begin({ retrainEpochs: 7 });
    await train();
    expect(compute.runs[0]).toMatchObject({ epochs: 7, startFrom: { modelId: first } });
    begin({ fresh: true });
    await train(true);
    expect(compute.runs[0]).toMatchObject({ epochs: 2 });
    expect(compute.runs[0]).not.toHaveProperty('startFrom');
  });

  test('starts anew where the recipe is another, and says why', async () => {
    await trainOnce();
    begin({ recipe: 'fast' });
    expect(await train()).toEqual({ train: true, reason: 'settings-changed' });
    expect(compute.runs[0]).not.toHaveProperty('startFrom');
    expect(compute.runs[0]).toMatchObject({ epochs: 2 });
    expect(recorder.of('notice')).toMatchObject([{ code: 'TRAINED_ANEW' }]);
    expect(recorder.of('notice')[0]!.message).toContain('recipe default');
  });

  test('starts anew where the weights do not fit after all', async () => {
    await trainOnce();
    compute.trainFailures.push(new ComputeFailure('START_UNUSABLE', 'another network'));
    expect(await train()).toEqual({ train: true, reason: 'data-changed' });
    expect(compute.runs.slice(1).map(({ epochs }) => epochs)).toEqual([1, 2]);
    expect(compute.runs[2]).not.toHaveProperty('startFrom');
    expect(recorder.of('notice').at(-1)!.message).toContain('another network');
    expect(recorder.of('train.done')).toHaveLength(2);
  });

  test('takes over where it is as good on the subjects that both held out', async () => {
    const first = await trainOnce();
    await train();
    const second = recorder.of('train.done')[1]!.modelId;
    expect(await best()).toBe(second);
    expect(recorder.of('model.promoted')[1]).toMatchObject({
      modelId: second,
      previous: first,
      reason: 'as-good',
      imageDice: 0,
      previousImageDice: 0,
      pairs: 3,
    });
    expect(compute.compared).toEqual([first, second]);
    expect(compute.isAside).toBe(false);
  });

  test('brings the post-processing that suits its validation subjects, saved in its card', async () => {
    await folder.pairs(3, 9);
    await takeIn();
    compute.comparedAsElse = 0.4;
    const final = firstValueFrom(trainer.models$.pipe(filter(({ isFinal }) => isFinal)));
    await train();
    const [tuned] = recorder.of('model.tuned');
    const { modelId } = recorder.of('train.done')[0]!;
    expect(tuned).toMatchObject({ modelId, images: 9, untunedImageDice: 0 });
    expect(tuned!.imageDice).toBeGreaterThan(0);
    expect(tuned!.postProcessing.threshold).toBeLessThanOrEqual(0.4);
    const { postProcessing, temperature } = tuned!;
    expect(temperature).toBeGreaterThan(0);
    const standing = await new ModelRegistry(store.paths.models).current();
    expect(standing).toMatchObject({
      status: 'found',
      value: { card: { modelId, postProcessing, temperature } },
    });
    expect((await final).card).toMatchObject({ modelId, postProcessing, temperature });
  });

  test('does not where it is worse: the old model stays, and the same is not tried again', async () => {
    const first = await trainOnce();
    compute.comparedAs.set(first, 1);
    expect(await train()).toEqual({ train: true, reason: 'data-changed' });
    const second = recorder.of('train.done')[1]!.modelId;
    const [kept] = recorder.of('model.kept');
    expect(kept).toMatchObject({ modelId: first, rejected: second, rejectedImageDice: 0 });
    expect(kept!.imageDice).toBeGreaterThan(0.5);
    expect(await best()).toBe(first);
    expect(await models()).toEqual([`model-${first}`]);

    expect(await train()).toEqual({ train: false, why: 'current' });
    begin();
    expect(await train()).toEqual({ train: false, why: 'current' });
    const runs = await store.catalog.cache.trainingRunIds();
    await store.catalog.commit(runs.map((runId) => ({ remove: 'training-set', runId }) as const));
    expect(await train()).toEqual({ train: false, why: 'current' });
    await folder.pair('2_9', 11);
    await takeIn();
    expect(await train()).toEqual({ train: true, reason: 'data-changed' });
  });

  test('another recipe that is worse is not tried again either', async () => {
    const first = await trainOnce();
    begin({ recipe: 'fast' });
    compute.comparedAs.set(first, 1);
    expect(await train()).toEqual({ train: true, reason: 'settings-changed' });
    expect(recorder.of('model.kept')).toHaveLength(1);
    begin({ recipe: 'fast' });
    expect(await train()).toEqual({ train: false, why: 'current' });
  });

  test('takes over where no subject was held out from both, and says why', async () => {
    await placeModel(store.paths.models, fakeCard({ modelId: 'standing' }));
    await train(true);
    expect(recorder.of('model.promoted')).toMatchObject([
      { previous: 'standing', reason: 'nothing-in-common', imageDice: null },
    ]);
    expect(await best()).toBe(recorder.of('train.done')[0]!.modelId);
  });

  test('does not where the current one was imported and nothing has changed since', async () => {
    await train();
    const importedFrom = { file: 'weights.h5', sha256: 'x', kerasVersion: null };
    const card = { ...fakeCard({ modelId: 'z-imported' }), recipe: 'keras', importedFrom };
    await saveModel(store.paths.models, card, noWeights);
    await registry.use(card);
    expect(await train()).toEqual({ train: false, why: 'current' });
  });

  describe('of another size', () => {
    const size = '32x48';

    const unlike = { height: 23, width: 24 };

    /** The model of the first size, once the files are taken in at the other. */
    async function trainedBefore(): Promise<string> {
      for (const [id, seed] of seeds) {
        await folder.image(`train/${id}.tif`, seed, unlike);
        await folder.mask(`train/${id}_mask.tif`, seed, unlike);
      }
      await takeIn();
      await train();
      await takeIn({ size });
      const first = recorder.of('train.done')[0]!.modelId;
      begin({ size });
      return first;
    }
    const seeds = [1, 2, 3].flatMap((subject) =>
      [1, 2, 3].map((nth) => [`${subject}_${nth}`, subject * 100 + nth] as const),
    );
    const validating = () => Object.keys(compute.runs.at(-1)!.trainedOn!.validation);

    /** Of a mask that is all foreground with the true one: rows in fives, of which every other one is. */
    function diceOfFullMask(id: string): number {
      const isEven = new Map<string, number>(seeds).get(id)! % 2 === 0;
      const rows = isEven ? 5 + 5 + 3 : 5 + 5;
      return (2 * rows) / (unlike.height + rows);
    }

    test('is compared on the own grid of images, and takes over all the same', async () => {
      const first = await trainedBefore();
      compute.comparedAs.set(first, 1);
      expect(await train()).toEqual({ train: true, reason: 'settings-changed' });
      const second = recorder.of('train.done')[0]!.modelId;
      const [promoted] = recorder.of('model.promoted');
      expect(promoted).toMatchObject({
        modelId: second,
        previous: first,
        reason: 'size-changed',
        imageDice: 0,
        previousImageDice: expect.closeTo(meanOf(validating(), diceOfFullMask), 12),
        pairs: validating().length,
      });
      expect(compute.compared).toEqual([first, second]);
      expect(await best()).toBe(second);
    });

    test('is not compared where an image is not as it was taken in, and one line says so', async () => {
      await trainedBefore();
      await folder.remove('train');
      await train();
      expect(recorder.of('model.promoted')).toMatchObject([
        { reason: 'size-changed', imageDice: null, previousImageDice: null, pairs: 0 },
      ]);
      expect(recorder.of('notice').map(({ code }) => code)).toContain('NOT_COMPARED');
    });
  });

  test('takes over from one that cannot be read', async () => {
    await trainOnce();
    compute.compareFailures.push(new ComputeFailure('MODEL_UNREADABLE', 'gone'));
    await train();
    expect(recorder.of('model.promoted')[1]).toMatchObject({ reason: 'previous-unreadable' });
  });

  test('is not decided when stopped meanwhile, and is at the next start', async () => {
    await trainOnce();
    compute.compareFailures.push(new ComputeFailure('COMPUTE_DIED', 'closed'));
    const stopped = firstValueFrom(compute.comparing).then(() => trainer.interrupt());
    await train();
    await stopped;
    expect(recorder.all.at(-1)).toMatchObject({ type: 'train.interrupted' });
    begin();
    expect(await train()).toMatchObject({ train: true });
    expect(recorder.of('model.promoted')).toHaveLength(1);
  });
});

describe('stopping', () => {
  test('ends the running training, says so, and moves no pointer', async () => {
    compute.training.close();
    const trained = train();
    await compute.training.reached;
    await trainer.interrupt();
    await trained;
    expect(recorder.all.at(-1)).toMatchObject({ type: 'train.interrupted', resumable: false });
    expect(await currentModel()).toBeNull();
    expect(await train(true)).toMatchObject({ train: false });
  });

  test('before the first step there is nothing to interrupt, and nothing is begun', async () => {
    const trained = train();
    await trainer.interrupt();
    await trained;
    expect(compute.runs).toHaveLength(0);
    await firstValueFrom(trainer.busy$.pipe(filter((isBusy) => !isBusy)));
  });
});

describe('resuming', () => {
  async function checkpoint(seed: number, step = 1): Promise<string> {
    const settings = testSettings(folder);
    return await saveCheckpoint(store.paths.models, {
      position: {
        format: 1,
        runId: 'before',
        recipe: recipeOf(settings),
        size: settings.size,
        batchSize: settings.batchSize!,
        epochs: settings.epochs,
        seed,
        normalisation: { mean: 0.25, std: 0.5 },
        dataFingerprint: '',
        startedFrom: null,
        trainedSubjects: [],
        pairs: 9,
        validationPairs: 0,
        epoch: 1,
        step,
        sums: { loss: 0, dice: 0, images: 0 },
        best: null,
        elapsedMs: 0,
        optimizerSteps: 0,
      },
      files: { topology: {}, weightSpecs: [], weights: new Uint8Array(0) },
      average: null,
      moments: new Float32Array(0),
    });
  }

  test('an interrupted training of the same settings goes on with its name and normalisation', async () => {
    const from = await checkpoint(1);
    expect(await train()).toEqual({ train: true, reason: 'resumed' });
    expect(compute.runs[0]).toMatchObject({
      runId: 'before',
      resumeFrom: from,
      normalisation: { mean: 0.25, std: 0.5 },
    });
    expect(await train()).toEqual({ train: false, why: 'current' });
  });

  test('where the newest checkpoint is damaged it goes on from the one before, and says so', async () => {
    const before = await checkpoint(1, 1);
    await writeFile(join(await checkpoint(1, 2), 'optimizer.bin'), 'of another length');
    expect(await train()).toEqual({ train: true, reason: 'resumed' });
    expect(compute.runs[0]).toMatchObject({ resumeFrom: before });
    expect(recorder.of('notice')).toEqual([
      {
        type: 'notice',
        level: 'warning',
        code: 'CHECKPOINT_DAMAGED',
        message: expect.stringMatching(/optimizer\.bin.*goes on from the checkpoint before it$/),
      },
    ]);
  });

  test('the same where the damage shows only when it is loaded', async () => {
    await checkpoint(1);
    compute.fallBack = 'weights.bin is damaged';
    await train();
    expect(recorder.of('notice')).toMatchObject([
      { code: 'CHECKPOINT_DAMAGED', message: expect.stringContaining('weights.bin is damaged') },
    ]);
  });

  test('where no checkpoint is left it begins anew, and says so', async () => {
    for (const folder of [await checkpoint(1, 1), await checkpoint(1, 2)]) {
      await writeFile(join(folder, 'training.json'), '{');
    }
    expect(await train()).toEqual({ train: true, reason: 'no-model' });
    expect(recorder.of('notice')).toMatchObject([
      { code: 'CHECKPOINT_DAMAGED', message: expect.stringMatching(/training begins anew$/) },
    ]);
  });

  test('from checkpoints that cannot be read nothing goes on: it begins anew, and says so', async () => {
    await checkpoint(1);
    compute.trainFailures.push(new ComputeFailure('MODEL_UNREADABLE', 'weights.bin is damaged'));
    await train();
    expect(compute.runs[1]).not.toHaveProperty('resumeFrom');
    expect(compute.runs[1]!.runId).not.toBe('before');
    expect(recorder.of('notice')).toMatchObject([
      { code: 'TRAINED_ANEW', message: expect.stringContaining('weights.bin is damaged') },
    ]);
    expect(recorder.of('train.done')).toHaveLength(1);
  });

  test('one of other settings is forgotten', async () => {
    await checkpoint(2);
    expect(await train()).toEqual({ train: true, reason: 'no-model' });
    expect(compute.runs[0]).not.toHaveProperty('resumeFrom');
  });
});

test('a model of another size does not serve', async () => {
  await train();
  begin({ size: '32x32' });
  expect(await currentModel()).toBeNull();
});
