import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ModelCard } from '../../src/model/card.js';
import { recipes } from '../../src/model/recipe.js';
import type { ModelFiles } from '../../src/model/serialise.js';
import { thresholdOnly } from '../../src/operators/post-processing.js';
import {
  type Checkpoint,
  clearResumable,
  findResumable,
  readCheckpoint,
  saveCheckpoint,
  type TrainingPosition,
} from '../../src/store/checkpoints.js';
import { readMembers, saveEnsemble } from '../../src/store/ensemble-folder.js';
import { modelFolderName, readCard, readModel, saveModel } from '../../src/store/model-folder.js';
import { readPointer } from '../../src/store/model-pointers.js';
import { ModelRegistry } from '../../src/store/model-registry.js';
import { pruneRun } from '../../src/store/prune-models.js';
import { writeWhole } from '../../src/store/whole-folder.js';
import { removeFolder } from '../support/temporary-folder.js';

let models: string;

beforeEach(() => {
  models = mkdtempSync(join(tmpdir(), 'nerveflow-models-'));
});

afterEach(() => removeFolder(models));

const files: ModelFiles = {
  topology: { class_name: 'Model' },
  weightSpecs: [{ name: 'down1a/kernel', shape: [2, 2], dtype: 'float32' }],
  weights: new Uint8Array(Float32Array.of(1, -2, 3e-8, Number.EPSILON).buffer),
};

function card(modelId: string): ModelCard {
  return {
    format: 1,
    modelId,
    runId: 'run',
    folder: modelFolderName(modelId),
    recipe: 'tutorial',
    trainedWith: recipes.tutorial,
    size: { height: 16, width: 16 },
    batchSize: 8,
    seed: 1,
    normalisation: { mean: 0.1, std: 0.2 },
    fold: { index: 0, count: 5, validationSubjects: [2] },
    dataFingerprint: 'data',
    pairs: 20,
    validationPairs: 5,
    epoch: 1,
    epochs: 3,
    metrics: { loss: -0.1, trainDice: 0.1, validationDice: null, validationImageDice: null },
    threshold: 0.5,
    backend: 'wasm',
    precision: 'float32',
    version: '0.1.0',
    createdAt: '2025-01-01T00:00:00.000Z',
  };
}

/** Saved at that second after the epoch: which of two is newer must not hang on the disk's clock. */
async function savedModel(modelId: string, second = 1): Promise<string> {
  await saveModel(models, card(modelId), files);
  const folder = join(models, modelFolderName(modelId));
  utimesSync(folder, second, second);
  return folder;
}

function setCurrent(folder: string): Promise<void> {
  return new ModelRegistry(models).promote({ folder: basename(folder) });
}

function checkpoint(
  epoch: number,
  step: number,
  changes: Partial<TrainingPosition> = {},
): Checkpoint {
  return {
    position: {
      format: 1,
      runId: 'run',
      recipe: { ...recipes.default, weightAverage: 0 },
      size: { height: 16, width: 16 },
      batchSize: 8,
      epochs: 3,
      seed: 1,
      normalisation: { mean: 0.1, std: 1 / 3 },
      dataFingerprint: 'data',
      startedFrom: null,
      trainedSubjects: [],
      pairs: 20,
      validationPairs: 5,
      epoch,
      step,
      sums: { loss: 1 / 3, dice: 2 / 7, images: 8 },
      best: null,
      elapsedMs: 12.5,
      optimizerSteps: 4,
      ...changes,
    },
    files,
    moments: Float32Array.of(1, 2, 3, 4, 5e-30, 6, 7, 8),
    average: null,
  };
}

function names(prefix: string): string[] {
  return readdirSync(models)
    .filter((name) => name.startsWith(prefix))
    .sort();
}

describe('a model folder', () => {
  it('gives back what was saved', async () => {
    const folder = await savedModel('a');
    expect(await readModel(folder)).toEqual({
      status: 'found',
      value: { card: card('a'), files: { ...files, weights: Buffer.from(files.weights) } },
    });
  });

  it('is in the TensorFlow.js layers format', async () => {
    const folder = await savedModel('a');
    expect(JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8'))).toMatchObject({
      format: 'layers-model',
      modelTopology: files.topology,
      weightsManifest: [{ paths: ['./weights.bin'], weights: files.weightSpecs }],
    });
  });

  it.each([
    [
      'weights.bin',
      (path: string) =>
        writeFileSync(
          path,
          readFileSync(path).map((byte) => byte ^ 1),
        ),
    ],
    ['weights.bin', (path: string) => writeFileSync(path, readFileSync(path).subarray(0, 5))],
    ['model.json', (path: string) => writeFileSync(path, '{')],
    ['nerveflow.json', (path: string) => writeFileSync(path, '{"format":1}')],
    ['checksums.json', (path: string) => writeFileSync(path, '')],
  ])('tells damage to %s from health', async (name, damage) => {
    const folder = await savedModel('a');
    damage(join(folder, name));
    expect(await readModel(folder)).toMatchObject({
      status: 'damaged',
      path: join(folder, name),
    });
  });

  it.each([
    'weights.bin',
    'model.json',
    'nerveflow.json',
    'checksums.json',
  ])('says that %s is missing', async (name) => {
    const folder = await savedModel('a');
    rmSync(join(folder, name));
    expect(await readModel(folder)).toEqual({ status: 'missing', path: join(folder, name) });
  });

  it('is not there at all when it could not be written whole', async () => {
    const written = { first: 'fits', 'no/such folder': 'does not' };
    await expect(writeWhole(join(models, 'model-a'), written)).rejects.toThrow('ENOENT');
    expect(readdirSync(models)).toEqual([]);
  });
});

describe('a model of an earlier version', () => {
  const prior = { file: 'mask-prior.bin', masks: 3, components: 2 };
  const settings = thresholdOnly(0.4);

  it.each([0, 0.25])('with a mask prior of weight %f is read without it', async (priorWeight) => {
    const old = { ...card('a'), postProcessing: { priorWeight, ...settings }, maskPrior: prior };
    await saveModel(models, old, files);
    const folder = join(models, old.folder);
    expect(await readCard(folder)).toEqual({
      status: 'found',
      value: { ...card('a'), postProcessing: settings },
    });
    expect(await readModel(folder)).toMatchObject({ status: 'found' });
  });
});

describe('an ensemble', () => {
  it('holds all of its members', async () => {
    const ensemble = { ...card('vote'), voters: 2 };
    const members = [card('a'), card('b')].map((card) => ({
      card,
      files: { ...files, weights: Buffer.from(files.weights) },
    }));
    await saveEnsemble(models, ensemble, members);
    const folder = join(models, ensemble.folder);
    expect(await readMembers(folder)).toEqual({
      status: 'found',
      value: { card: ensemble, members },
    });
  });
});

describe('the best model', () => {
  it('is missing before there was one', async () => {
    expect(await new ModelRegistry(models).current()).toMatchObject({ status: 'missing' });
    expect(await readPointer(models, 'best')).toMatchObject({ status: 'missing' });
  });

  it('is what the pointer was last set to', async () => {
    const [a, b] = [await savedModel('a', 1), await savedModel('b', 2)];
    await setCurrent(a);
    await setCurrent(b);
    expect(await readPointer(models, 'best')).toEqual({
      status: 'found',
      value: { folder: b, previous: a },
    });
    expect(await new ModelRegistry(models).current()).toEqual({
      status: 'found',
      value: { folder: b, card: card('b'), insteadOf: null },
    });
  });

  it('is the one before where its folder is damaged, which is said', async () => {
    const [a, b] = [await savedModel('a', 1), await savedModel('b', 2)];
    await setCurrent(a);
    await setCurrent(b);
    writeFileSync(join(b, 'weights.bin'), '');
    const best = await new ModelRegistry(models).current();
    expect(best).toMatchObject({ status: 'found', value: { folder: a } });
    expect(best).toMatchObject({ value: { insteadOf: expect.stringContaining('weights.bin') } });
  });

  it('is damaged where the one before is too', async () => {
    const [a, b] = [await savedModel('a', 1), await savedModel('b', 2)];
    await setCurrent(a);
    await setCurrent(b);
    for (const folder of [a, b]) rmSync(join(folder, 'nerveflow.json'));
    expect(await new ModelRegistry(models).current()).toMatchObject({ status: 'damaged', path: b });
  });

  it.each([
    '',
    'null',
    '{"folder":"../elsewhere","previous":null}',
  ])('is damaged where the pointer says %j', async (content) => {
    writeFileSync(join(models, 'best.json'), content);
    expect(await new ModelRegistry(models).current()).toMatchObject({ status: 'damaged' });
  });

  it('keeps the one before it, and newer ones that may become best, and no others', async () => {
    const folders = await Promise.all(['a', 'b', 'c', 'd'].map((id, at) => savedModel(id, at + 1)));
    await setCurrent(folders[0]!);
    await setCurrent(folders[1]!);
    await setCurrent(folders[2]!);
    expect(names('model-')).toEqual(['model-b', 'model-c', 'model-d']);
  });

  it("keeps the running training's best, however old", async () => {
    const [old, best] = [await savedModel('old', 1), await savedModel('best', 2)];
    const ofRun = { value: 0.5, epoch: 1, card: card('old') };
    await saveCheckpoint(models, checkpoint(2, 0, { best: ofRun }));
    await setCurrent(best);
    await setCurrent(best);
    expect(await readCard(old)).toMatchObject({ status: 'found' });
  });

  it('stays the one before when set to the same again', async () => {
    const [a, b] = [await savedModel('a', 1), await savedModel('b', 2)];
    for (const folder of [a, b, b]) await setCurrent(folder);
    expect(await readPointer(models, 'best')).toMatchObject({ value: { previous: a } });
  });
});

describe('the models of a running training', () => {
  it('are kept while they are recent, or best', async () => {
    for (const epoch of [1, 2, 3, 4, 5, 6, 7, 8]) {
      await saveModel(models, { ...card(`e${epoch}`), epoch }, files);
    }
    await saveModel(models, { ...card('other'), runId: 'other' }, files);
    await setCurrent(join(models, 'model-e2'));
    await pruneRun(models, 'run');
    const kept = ['e2', 'e4', 'e5', 'e6', 'e7', 'e8', 'other'];
    expect(names('model-')).toEqual(kept.map((id) => `model-${id}`));
  });
});

describe('a checkpoint', () => {
  it('gives back every bit of what was saved', async () => {
    const saved = checkpoint(2, 1);
    const folder = await saveCheckpoint(models, saved);
    expect(await readCheckpoint(folder)).toEqual({
      status: 'found',
      value: { ...saved, files: { ...files, weights: Buffer.from(files.weights) } },
    });
  });

  it('has the averaged weights where the recipe averages', async () => {
    const recipe = { ...recipes.default, weightAverage: 0.99 };
    const saved = { ...checkpoint(2, 1, { recipe }), average: Uint8Array.of(1, 2, 3) };
    const folder = await saveCheckpoint(models, saved);
    expect(await readCheckpoint(folder)).toMatchObject({
      status: 'found',
      value: { average: Buffer.from(saved.average) },
    });
    writeFileSync(join(folder, 'average.bin'), 'short');
    expect(await readCheckpoint(folder)).toMatchObject({ status: 'damaged' });
  });

  it('can be found by the next process', async () => {
    expect(await findResumable(models)).toBeNull();
    const folder = await saveCheckpoint(models, checkpoint(2, 1));
    expect(await findResumable(models)).toEqual({ ...checkpoint(2, 1).position, folder });
  });

  it('stays findable when the newest is damaged', async () => {
    const before = await saveCheckpoint(models, checkpoint(1, 3));
    const newest = await saveCheckpoint(models, checkpoint(2, 0));
    writeFileSync(join(newest, 'optimizer.bin'), 'short');
    expect(await findResumable(models)).toMatchObject({ folder: before, epoch: 1, step: 3 });
  });

  it('leaves the one before and no older ones', async () => {
    for (const epoch of [1, 2, 3]) await saveCheckpoint(models, checkpoint(epoch, 0));
    expect(names('checkpoint-')).toEqual(['checkpoint-run-e2-s0', 'checkpoint-run-e3-s0']);
  });

  it('is forgotten on demand', async () => {
    await saveCheckpoint(models, checkpoint(1, 1));
    await clearResumable(models);
    expect(await findResumable(models)).toBeNull();
    expect(names('checkpoint-')).toEqual([]);
    await clearResumable(models);
  });

  it('takes any run id', async () => {
    const runId = '../2025-01-01T00:00:00 ü';
    const folder = await saveCheckpoint(models, checkpoint(1, 1, { runId }));
    expect(await findResumable(models)).toMatchObject({ folder, runId });
    expect(names('checkpoint-')).toHaveLength(1);
  });
});

describe('what writers that died left behind', () => {
  it('goes, but what a living one writes stays', async () => {
    // No process has the largest id there can be.
    mkdirSync(join(models, '.tmp-4194304999-model-x'));
    mkdirSync(join(models, `.tmp-${process.pid}-model-y`));
    await saveCheckpoint(models, checkpoint(1, 1));
    expect(names('.tmp-')).toEqual([`.tmp-${process.pid}-model-y`]);
  });
});
