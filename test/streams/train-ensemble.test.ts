import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ComputeFailure } from '../../src/compute/compute.js';
import { recipes } from '../../src/model/recipe.js';
import { readMembers } from '../../src/store/ensemble-folder.js';
import { ModelRegistry } from '../../src/store/model-registry.js';
import { type OpenStore, openStore } from '../../src/store/open-store.js';
import { takeInOnce } from '../../src/streams/intake/take-in-once.js';
import { FakeCompute } from '../support/fake-compute.js';
import { RawFolder } from '../support/raw-folder.js';
import { Recorder } from '../support/recorder.js';
import { testSettings } from '../support/test-settings.js';
import { TrainerInTest } from './trainer-in-test.js';

let folder: RawFolder;
let store: OpenStore;
let compute: FakeCompute;
let trainer: TrainerInTest;
let registry: ModelRegistry;
let recorder: Recorder;

beforeEach(async () => {
  folder = await RawFolder.make();
  await folder.pairs(6, 3);
  store = await openStore(folder.store, 'test');
  const settings = testSettings(folder);
  await takeInOnce({ ...store, settings }, () => {});
  begin();
});
afterEach(async () => {
  await store.close();
  await folder.delete();
});

/** A program that trains three models which vote. */
function begin(): void {
  compute = new FakeCompute();
  registry = new ModelRegistry(store.paths.models);
  const voting = { ...recipes.fast, name: 'voting', models: 3 };
  trainer = new TrainerInTest({
    catalog: store.catalog,
    compute,
    settings: {
      ...testSettings(folder),
      recipes: { ...recipes, voting },
      recipe: 'voting',
    },
    registry,
  });
  recorder = new Recorder(trainer.events$);
}

async function best() {
  const read = await new ModelRegistry(store.paths.models).current();
  if (read.status !== 'found') throw new Error(read.status);
  return read.value;
}

test('each model leaves out other subjects; then all of them are one', async () => {
  compute.comparedAsElse = 0.4;
  await trainer.trainIfNeeded({ isRequested: false });

  const validated = compute.runs.flatMap(({ fold }) => fold.validationSubjects);
  expect(compute.runs.length).toBeGreaterThan(1);
  expect([...validated].sort()).toEqual([1, 2, 3, 4, 5, 6]);
  for (const { fold } of compute.runs) {
    const { validationSubjects, trainedSubjects } = fold;
    expect(validationSubjects.filter((subject) => trainedSubjects!.includes(subject))).toEqual([]);
  }

  const { card, folder: voting } = await best();
  expect(card).toMatchObject({ recipe: 'voting', voters: compute.runs.length, pairs: 18 });
  const read = await readMembers(voting);
  if (read.status !== 'found') throw new Error(read.status);
  expect(read.value.members.map(({ card }) => card.runId)).toEqual(
    compute.runs.map(({ runId }) => runId),
  );
  // Tuned on every pair, each by the model that had not learnt from it.
  expect(recorder.of('model.tuned')).toMatchObject([{ modelId: card.modelId, images: 18 }]);
  expect(card.temperature).toBe(recorder.of('model.tuned')[0]!.temperature);
  expect(card.postProcessing?.threshold).toBeLessThanOrEqual(0.4);
  expect(recorder.of('train.done')).toMatchObject([{ modelId: card.modelId }]);
  expect(recorder.of('model.promoted')).toMatchObject([{ modelId: card.modelId }]);
  expect(existsSync(join(store.paths.models, 'vote'))).toBe(false);

  begin();
  expect(await trainer.trainIfNeeded({ isRequested: false })).toMatchObject({ why: 'current' });
});

test('interrupted, goes on with the models that are left', async () => {
  trainer.events$.subscribe((event) => {
    if (event.type === 'train.started' && event.runId.endsWith('-v2')) void trainer.interrupt();
  });
  await trainer.trainIfNeeded({ isRequested: false });
  expect(recorder.of('train.interrupted')).toHaveLength(1);
  expect((await new ModelRegistry(store.paths.models).current()).status).toBe('missing');
  const whole = compute.runs.length;
  expect(whole).toBe(2);

  begin();
  await trainer.trainIfNeeded({ isRequested: false });
  const { card } = await best();
  expect(compute.runs.length).toBe(card.voters! - whole);
  expect(compute.runs.map(({ runId }) => runId.slice(-3))).toEqual(['-v3']);
});

test('a member whose checkpoint cannot be read begins anew, the others as ever', async () => {
  compute.trainFailures.push(new ComputeFailure('MODEL_UNREADABLE', 'weights.bin is damaged'));
  await trainer.trainIfNeeded({ isRequested: false });
  const { card } = await best();
  expect(compute.runs).toHaveLength(card.voters! + 1);
  expect(compute.runs.map(({ runId }) => runId.replace(/.*(?=-v\d)/, ''))).toEqual([
    '-v1',
    '-v1-2',
    '-v2',
    '-v3',
  ]);
});

test('one that could not become the current model goes on where it failed', async () => {
  vi.spyOn(registry, 'promote').mockRejectedValueOnce(
    Object.assign(new Error('no room'), { code: 'ENOSPC' }),
  );
  await trainer.trainIfNeeded({ isRequested: false });
  expect(recorder.of('train.failed')).toMatchObject([{ code: 'ENOSPC' }]);
  const trained = compute.runs.length;
  await trainer.trainIfNeeded({ isRequested: false });
  expect(recorder.of('train.failed')).toHaveLength(1);
  expect(compute.runs).toHaveLength(trained);
  expect(recorder.of('model.promoted')).toMatchObject([{ modelId: (await best()).card.modelId }]);
});
