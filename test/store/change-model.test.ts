import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkModels } from '../../src/doctor/check-models.js';
import type { ModelRequest } from '../../src/events.js';
import type { ModelCard } from '../../src/model/card.js';
import { changeModel, type ModelsInUse } from '../../src/store/change-model.js';
import { listModels } from '../../src/store/list-models.js';
import { saveModel } from '../../src/store/model-folder.js';
import { ModelRegistry } from '../../src/store/model-registry.js';
import { pruneRun } from '../../src/store/prune-models.js';
import { fakeCard } from '../support/fake-compute.js';
import { removeFolder } from '../support/temporary-folder.js';

let models: string;
let registry: ModelRegistry;

beforeEach(() => {
  models = mkdtempSync(join(tmpdir(), 'nerveflow-models-'));
  registry = new ModelRegistry(models);
});
afterEach(() => removeFolder(models));

const noWeights = { topology: {}, weightSpecs: [], weights: new Uint8Array() };

async function saved(modelId: string, changes: Partial<ModelCard> = {}): Promise<ModelCard> {
  const card = { ...fakeCard({ modelId }), ...changes };
  await saveModel(models, card, noWeights);
  return card;
}

async function promoted(modelId: string): Promise<void> {
  await registry.promote(await saved(modelId));
}

const idle: ModelsInUse = { size: null, training: null };
const change = (verb: ModelRequest['verb'], model: string, inUse = idle) =>
  registry.inTurn(() => changeModel(registry, { verb, model }, inUse));
const refusal = (code: string, words: string) => ({
  ok: false,
  failure: { code, message: expect.stringContaining(words) },
});
const there = () => readdirSync(models).filter((name) => name.startsWith('model-'));
const current = async () => (await new ModelRegistry(models).currentCard())?.modelId;

describe('use', () => {
  test('goes back to an older one and forth again; neither goes', async () => {
    await promoted('a');
    await promoted('b');
    expect(await change('use', 'a')).toMatchObject({
      value: { event: { type: 'model.used', modelId: 'a', previous: 'b' }, used: { card: {} } },
    });
    expect(await current()).toBe('a');
    expect(await change('use', 'b')).toMatchObject({ value: { event: { previous: 'a' } } });
    expect(await current()).toBe('b');
    expect(there()).toEqual(['model-a', 'model-b']);
  });

  test('the model that was left stands in where the chosen one is damaged', async () => {
    await promoted('a');
    await promoted('b');
    await change('use', 'a');
    rmSync(join(models, 'model-a', 'weights.bin'));
    expect(await current()).toBe('b');
  });

  test('the training of the model that was left stays the last one', async () => {
    await promoted('run-1');
    await promoted('run-3');
    await change('use', 'run-1');
    expect(await registry.lastRejected()).toMatchObject({ runId: 'run-3' });
    // A later one that was not as good stays the last.
    await registry.reject(fakeCard({ modelId: 'run-4' }));
    await change('use', 'run-3');
    expect(await registry.lastRejected()).toMatchObject({ runId: 'run-4' });
  });

  test('one that was imported is no training: that of the last stays the last', async () => {
    await promoted('run-1');
    const importedFrom = { file: 'weights.h5', sha256: 'x', kerasVersion: null };
    const imported = await saved('run-2', { importedFrom });
    await registry.use(imported);
    expect(await registry.lastRejected()).toMatchObject({ runId: 'run-1' });
    await change('use', 'run-1');
    expect(await registry.lastRejected()).toMatchObject({ runId: 'run-1' });
  });

  test('one that could not be loaded is tried again', async () => {
    await promoted('a');
    await promoted('b');
    registry.markUnreadable(join(models, 'model-b'), 'no room on the device');
    expect((await registry.currentCard())?.modelId).toBe('a');
    await change('use', 'b');
    expect((await registry.currentCard())?.modelId).toBe('b');
  });

  test('not one that is damaged, or of another size than the program that runs', async () => {
    await promoted('a');
    await saved('b');
    rmSync(join(models, 'model-b', 'weights.bin'));
    expect(await change('use', 'b')).toMatchObject(refusal('MODEL_UNREADABLE', 'is missing'));
    await saved('c', { size: { height: 64, width: 80 } });
    const running: ModelsInUse = { ...idle, size: { height: 16, width: 16 } };
    expect(await change('use', 'c', running)).toMatchObject(
      refusal('MODEL_OF_OTHER_SIZE', '--size 64x80'),
    );
    expect(await current()).toBe('a');
    expect(await change('use', 'c')).toMatchObject({ ok: true });
  });
});

describe('keep', () => {
  test('the next models do not push it out, until it is kept no more', async () => {
    await promoted('a');
    await change('keep', 'a');
    for (const modelId of ['b', 'c', 'd']) await promoted(modelId);
    expect(there()).toEqual(['model-a', 'model-c', 'model-d']);
    await change('unkeep', 'a');
    await promoted('e');
    expect(there()).toEqual(['model-d', 'model-e']);
  });

  test('nor does its own training, which may write it once more', async () => {
    const ofRun = (epoch: number) => saved(`r-e${epoch}`, { runId: 'r', epoch });
    await ofRun(1);
    await change('keep', 'r-e1');
    await ofRun(1);
    for (let epoch = 2; epoch <= 8; epoch++) {
      await ofRun(epoch);
      await pruneRun(models, 'r');
    }
    expect(there()).toEqual(['model-r-e1', ...[4, 5, 6, 7, 8].map((n) => `model-r-e${n}`)]);
    await registry.removeModelsOf('r');
    expect(there()).toEqual(['model-r-e1']);
  });

  test('and the doctor does not count it as left over', async () => {
    await promoted('a');
    await saved('stray');
    expect((await checkModels(models)).findings).toMatchObject([{ code: 'MODEL_UNUSED' }]);
    await change('keep', 'stray');
    expect((await checkModels(models)).findings).toEqual([]);
  });
});

describe('remove', () => {
  test('frees the disk, of a damaged one too', async () => {
    await promoted('a');
    await saved('b');
    rmSync(join(models, 'model-b', 'nerveflow.json'));
    expect(await change('remove', 'b')).toMatchObject({
      value: { event: { type: 'model.removed', modelId: 'b', bytes: expect.any(Number) } },
    });
    expect(readdirSync(models).sort()).toEqual(['best.json', 'model-a']);
  });

  test('not the one that predicts, be it in place of a damaged one', async () => {
    await promoted('a');
    await promoted('b');
    expect(await change('remove', 'b')).toMatchObject(refusal('MODEL_CURRENT', 'use another one'));
    rmSync(join(models, 'model-b', 'weights.bin'));
    expect(await change('remove', 'a')).toMatchObject(refusal('MODEL_CURRENT', 'use another one'));
    expect(there()).toEqual(['model-a', 'model-b']);
  });

  test('not one that is kept', async () => {
    await promoted('a');
    await saved('b');
    await change('keep', 'b');
    expect(await change('remove', 'b')).toMatchObject(refusal('MODEL_KEPT', 'unkeep'));
    await change('unkeep', 'b');
    expect(await change('remove', 'b')).toMatchObject({ ok: true });
  });

  test('not one of the training that runs, or that it began with', async () => {
    await promoted('now');
    await saved('start');
    await saved('r-e1', { runId: 'r' });
    const inUse: ModelsInUse = { ...idle, training: { runId: 'r', startedFrom: 'start' } };
    for (const needed of ['start', 'r-e1']) {
      const refused = refusal('MODEL_NEEDED', 'wait for its end');
      expect(await change('remove', needed, inUse)).toMatchObject(refused);
      expect(await change('remove', needed)).toMatchObject({ ok: true });
    }
  });

  test('a process that dies halfway leaves none of it in the list, and the rest goes next time', async () => {
    await promoted('a');
    await saved('b');
    // What the first of its two steps does, of a process that is no more.
    renameSync(join(models, 'model-b'), join(models, '.tmp-4194999-model-b'));
    expect((await listModels(models)).map(({ modelId }) => modelId)).toEqual(['a']);
    await promoted('c');
    expect(readdirSync(models).sort()).toEqual(['best.json', 'model-a', 'model-c']);
  });
});

describe('which model is meant', () => {
  test('by its id, its beginning, or the name of its folder', async () => {
    await saved('2020-a');
    await saved('2020-ab');
    await saved('2021-c');
    for (const [asked, modelId] of [
      ['2020-a', '2020-a'],
      ['2020-ab', '2020-ab'],
      ['2021', '2021-c'],
      ['model-2021-c', '2021-c'],
    ] as const) {
      const marked = await change('keep', asked);
      expect(marked).toMatchObject({ value: { event: { modelId, isKept: true } } });
    }
  });

  test.each([
    ['2020', '"2020" is the beginning of 2 models\' ids: 2020-a, 2020-ab.'],
    ['x', '"x" is the id of no model; there are: 2020-a, 2020-ab, 2021-c.'],
    ['', '"" is the id of no model'],
    ['../..', '"../.." is the id of no model'],
  ])('%j is none: in one line, with those that may be meant', async (asked, message) => {
    for (const modelId of ['2020-a', '2020-ab', '2021-c']) await saved(modelId);
    expect(await change('remove', asked)).toMatchObject(refusal('MODEL_NOT_FOUND', message));
    expect(there()).toHaveLength(3);
  });
});

test('the list tells of each what it is, the newest first', async () => {
  await promoted('a');
  await saved('b', { createdAt: '2021-01-01T00:00:00.000Z', voters: 3 });
  await change('keep', 'b');
  await saved('c', { createdAt: '2019-01-01T00:00:00.000Z' });
  rmSync(join(models, 'model-c', 'weights.bin'));
  const bytes = readdirSync(join(models, 'model-a'))
    .map((name) => readFileSync(join(models, 'model-a', name)).length)
    .reduce((a, b) => a + b);
  expect(await listModels(models)).toMatchObject([
    { modelId: 'b', isCurrent: false, isKept: true, damage: null, card: { voters: 3 } },
    { modelId: 'a', isCurrent: true, isKept: false, bytes },
    { modelId: 'c', damage: expect.stringContaining('weights.bin is missing') },
  ]);
  expect(existsSync(join(models, 'kept', 'model-b'))).toBe(true);
});
