import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ModelCard } from '../../src/model/card.js';
import { recipes } from '../../src/model/recipe.js';
import { saveModel } from '../../src/store/model-folder.js';
import { ModelRegistry } from '../../src/store/model-registry.js';
import { type OpenStore, openStore } from '../../src/store/open-store.js';
import { takeInOnce } from '../../src/streams/intake/take-in-once.js';
import { planRepetition } from '../../src/streams/training/repeat-training.js';
import { FakeCompute, fakeCard } from '../support/fake-compute.js';
import { RawFolder } from '../support/raw-folder.js';
import { testSettings } from '../support/test-settings.js';
import { TrainerInTest } from './trainer-in-test.js';

const recipe = { ...recipes.fast, name: 'mine', learningRate: 0.004, cleaning: 'none' } as const;
const noWeights = { topology: {}, weightSpecs: [], weights: new Uint8Array(0) };

let folder: RawFolder;
let store: OpenStore;
let model: ModelCard;

beforeEach(async () => {
  folder = await RawFolder.make();
  await folder.pairs(3, 3);
  store = await openStore(folder.store, 'test');
  await takeIn();
  // Trained with other settings than any default, and with another split than the folds give.
  model = {
    ...fakeCard({ modelId: '20200101T000000000Z-e7-1234abcd' }),
    recipe: 'mine',
    trainedWith: recipe,
    batchSize: 3,
    epochs: 7,
    seed: 99,
  };
  await keep(model);
});
afterEach(async () => {
  await store.close();
  await folder.delete();
});

async function takeIn(): Promise<void> {
  const { catalog, paths } = store;
  await takeInOnce({ settings: testSettings(folder), catalog, paths }, () => {});
}

function trainedOnNow() {
  const validating = (id: string) => id.startsWith('2_');
  const entries = [...store.catalog.samplesOf('train')].map(
    ({ id, fingerprint }) => [id, fingerprint] as const,
  );
  return {
    format: 1 as const,
    training: Object.fromEntries(entries.filter(([id]) => !validating(id))),
    validation: Object.fromEntries(entries.filter(([id]) => validating(id))),
    leftOut: [],
  };
}

async function keep(card: ModelCard): Promise<void> {
  await saveModel(store.paths.models, card, noWeights, trainedOnNow());
}

const plan = (like: string, flags: Parameters<typeof testSettings>[1] = {}) =>
  planRepetition(like, testSettings(folder, flags), store.catalog, store.paths.models);

async function trained(flags: Parameters<typeof testSettings>[1] = {}) {
  const planned = await plan(model.modelId, flags);
  if (!planned.ok) throw new Error(planned.failure.message);
  const compute = new FakeCompute();
  const trainer = new TrainerInTest({
    catalog: store.catalog,
    compute,
    settings: { ...testSettings(folder, flags), ...planned.value.settings },
    registry: new ModelRegistry(store.paths.models),
    repetition: planned.value,
  });
  await trainer.trainIfNeeded({ isRequested: true });
  return compute.runs[0]!;
}

describe('finding the model', () => {
  test.each([
    ['its id', () => model.modelId],
    ['the beginning of its id', () => '20200101T'],
    ['the name of its folder', () => model.folder],
    ['the path of its folder', () => join(store.paths.models, model.folder)],
  ])('by %s', async (_, like) => {
    expect(await plan(like())).toMatchObject({ ok: true, value: { model } });
  });

  test('what is none is told with those there are', async () => {
    expect(await plan('x1')).toMatchObject({
      failure: { code: 'MODEL_NOT_FOUND', message: expect.stringContaining(model.modelId) },
    });
  });

  test('the beginning of two is not enough', async () => {
    await keep({ ...model, modelId: '20200101T1', folder: 'model-20200101T1' });
    expect(await plan('20200101T')).toMatchObject({ failure: { code: 'MODEL_NOT_FOUND' } });
  });

  test('one that does not tell how it was trained cannot be repeated', async () => {
    await saveModel(store.paths.models, model, noWeights);
    expect(await plan(model.modelId)).toMatchObject({ failure: { code: 'MODEL_TOO_OLD' } });
  });
});

test('one in which several vote is none, and it says what to do instead', async () => {
  await keep({ ...model, voters: 3 });
  expect(await plan(model.modelId)).toMatchObject({
    failure: { code: 'MODEL_VOTES', message: expect.stringContaining('--recipe mine --seed 99') },
  });
});

describe('the same data', () => {
  test("repeats with the model's recipe, settings and samples, whatever was asked for", async () => {
    const run = await trained({ epochs: 2, seed: 1, batchSize: 4, learningRate: 0.1 });
    expect(run).toMatchObject({ recipe, batchSize: 3, epochs: 7, seed: 99 });
    expect(run.trainedOn).toEqual(trainedOnNow());
    expect(run.fold.validationSubjects).toEqual([2]);
    expect(run.startFrom).toBeUndefined();
  });

  test('says which settings asked for do not count', async () => {
    const planned = await plan(model.modelId, { batchSize: 4, learningRate: 0.1 });
    const remarks = planned.ok ? planned.value.remarks.join() : '';
    expect(remarks).toContain('learning rate 0.004, not 0.1');
    expect(remarks).toContain('batch size 3, not 4');
  });

  test('newer pairs are told and not used', async () => {
    const before = trainedOnNow();
    await folder.pair('1_9', 77);
    await takeIn();
    const planned = await plan(model.modelId);
    expect(planned.ok && planned.value.remarks).toContain(
      '1 pair is newer than the model and not used (1_9)',
    );
    expect((await trained()).trainedOn).toEqual(before);
  });
});

describe('other data', () => {
  beforeEach(async () => {
    await folder.mask('train/1_1_mask.tif', 8);
    await folder.remove('train/3_2_mask.tif');
    await takeIn();
  });

  test('is a clear line', async () => {
    expect(await plan(model.modelId)).toEqual({
      ok: false,
      failure: {
        code: 'DATA_DIFFERS',
        message: `The data is not what ${model.modelId} was trained on: 1 pair is changed (1_1), 1 pair is gone (3_2). --other-data trains on what there is now, otherwise as then.`,
      },
    });
  });

  test('is trained on where a person says so', async () => {
    const run = await trained({ otherData: true });
    expect(run).toMatchObject({ recipe, batchSize: 3, epochs: 7, seed: 99 });
    const { training, validation } = run.trainedOn!;
    const ids = [...store.catalog.samplesOf('train')].map(({ id }) => id).sort();
    expect([...Object.keys(training), ...Object.keys(validation)].sort()).toEqual(ids);
    expect(ids).not.toContain('3_2');
  });
});

describe('a model that went on from another', () => {
  test('starts from that one again', async () => {
    const start = { ...model, modelId: '2019', folder: 'model-2019' };
    await keep(start);
    await keep({ ...model, startedFrom: '2019' });
    const run = await trained();
    expect(run.startFrom).toEqual({
      modelId: '2019',
      folder: join(store.paths.models, 'model-2019'),
    });
    expect(run.epochs).toBe(7);
  });

  test('cannot be repeated when that one is gone', async () => {
    await keep({ ...model, startedFrom: '2019' });
    expect(await plan(model.modelId)).toMatchObject({ failure: { code: 'START_GONE' } });
  });
});
