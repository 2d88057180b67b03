import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { saveModel } from '../../src/store/model-folder.js';
import { ModelRegistry } from '../../src/store/model-registry.js';
import { fakeCard } from '../support/fake-compute.js';
import { removeFolder } from '../support/temporary-folder.js';

let models: string;
let registry: ModelRegistry;

beforeEach(() => {
  models = mkdtempSync(join(tmpdir(), 'nerveflow-registry-'));
  registry = new ModelRegistry(models);
});
afterEach(() => removeFolder(models));

const noWeights = { topology: {}, weightSpecs: [], weights: new Uint8Array() };

async function promoted(modelId: string): Promise<string> {
  const card = fakeCard({ modelId });
  await saveModel(models, card, noWeights);
  await registry.promote(card);
  return join(models, card.folder);
}

describe('the current model', () => {
  test('that cannot be loaded gives way to the one before it, until the next start', async () => {
    const before = await promoted('a');
    const newest = await promoted('b');
    registry.markUnreadable(newest, 'no room on the device');
    expect(await registry.current()).toMatchObject({
      status: 'found',
      value: {
        folder: before,
        card: { modelId: 'a' },
        insteadOf: expect.stringContaining('no room'),
      },
    });
    registry.markUnreadable(before, 'no room either');
    expect(await registry.current()).toMatchObject({ status: 'damaged' });
    expect(await registry.currentCard()).toBeNull();
    expect((await new ModelRegistry(models).currentCard())?.modelId).toBe('b');
  });

  test('falls back on what served, and not on what could not be read', async () => {
    const first = await promoted('a');
    const unreadable = await promoted('b');
    registry.markUnreadable(unreadable, 'no');
    const newest = await promoted('c');
    rmSync(join(newest, 'weights.bin'));
    expect(await new ModelRegistry(models).current()).toMatchObject({ value: { folder: first } });
  });
});

describe('a rejected model', () => {
  const last = { runId: 'r', recipe: 'fast', size: { height: 16, width: 16 } };

  test('is remembered, the last one', async () => {
    expect(await registry.lastRejected()).toBeNull();
    await registry.reject(fakeCard({ modelId: 'a' }));
    await registry.reject(fakeCard({ modelId: 'b' }));
    expect(await registry.lastRejected()).toMatchObject({ runId: 'b' });
  });

  test('is known by the name that earlier versions gave to its file, until there is another', async () => {
    const earlier = { ...last, dataFingerprint: 'd' };
    writeFileSync(join(models, 'tried.json'), JSON.stringify(earlier));
    expect(await registry.lastRejected()).toEqual(earlier);
    await registry.reject(fakeCard({ modelId: 'b' }));
    expect(await registry.lastRejected()).toMatchObject({ runId: 'b' });
    expect(readdirSync(models)).toEqual(['rejected.json']);
  });

  test('whose file is damaged may be trained once more', async () => {
    writeFileSync(join(models, 'rejected.json'), '{');
    expect(await registry.lastRejected()).toBeNull();
  });
});

test('the models of a training go, but the current one', async () => {
  const current = await promoted('a');
  await saveModel(models, { ...fakeCard({ modelId: 'b' }), runId: 'a' }, noWeights);
  await saveModel(models, fakeCard({ modelId: 'c' }), noWeights);
  await registry.removeModelsOf('a');
  expect(readdirSync(models).sort()).toEqual(['best.json', 'model-a', 'model-c']);
  expect(existsSync(current)).toBe(true);
});

test('a model made in another folder is taken in, in place of what lay there', async () => {
  const { folder: elsewhere } = await registry.beginEnsemble('data', 'r');
  const card = fakeCard({ modelId: 'a' });
  await saveModel(elsewhere, card, noWeights);
  mkdirSync(join(models, card.folder));
  const adopted = await registry.adopt(join(elsewhere, card.folder));
  expect(adopted).toBe(join(models, card.folder));
  await registry.promote(card);
  await registry.endEnsemble();
  expect((await registry.currentCard())?.modelId).toBe('a');
  expect(existsSync(elsewhere)).toBe(false);
});

test('an ensemble goes on under its first run while data and settings are the same', async () => {
  const begun = await registry.beginEnsemble('data', 'first');
  expect(await registry.beginEnsemble('data', 'second')).toEqual(begun);
  expect((await registry.beginEnsemble('other data', 'third')).runId).toBe('third');
});
