import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Level } from 'level';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { examineStore, repairStore, type StoreReport } from '../../src/doctor/store-report.js';
import { storeText } from '../../src/doctor/store-text.js';
import { recipes } from '../../src/model/recipe.js';
import { saveCheckpoint } from '../../src/store/checkpoints.js';
import { saveEnsemble } from '../../src/store/ensemble-folder.js';
import { beginEnsemble } from '../../src/store/ensemble-training.js';
import { saveModel } from '../../src/store/model-folder.js';
import { ModelRegistry } from '../../src/store/model-registry.js';
import { fakeCard } from '../support/fake-compute.js';
import type { RawFolder } from '../support/raw-folder.js';
import { runOnce } from '../support/running-pipeline.js';
import { filesOf, plant, wholeStore } from './damaged-store.js';

let folder: RawFolder;
const inStore = (...path: string[]) => join(folder.store, ...path);
const examine = () => examineStore(folder.store, '0.0.0');

beforeEach(async () => {
  folder = await wholeStore();
});
afterEach(() => folder.delete());

type Examined = Exclude<StoreReport, { state: 'none' }>;

async function examined(): Promise<Examined> {
  const report = await examine();
  if (report.state === 'none') throw new Error('no store');
  return report;
}

test('a store as the program leaves it is healthy, and counted', async () => {
  const report = await examined();
  expect(report).toMatchObject({
    state: 'healthy',
    findings: [],
    files: 19,
    pairs: 8,
    testImages: 3,
    predictions: 3,
    models: 1,
    checkpoints: 0,
    holder: null,
    notLookedAt: null,
  });
  expect(report.model).toMatch(/-e2$/);
  // Two different masks serve all eight pairs.
  expect(report.pixels).toBe(8 + 2 + 3);
  expect(report.bytes.masks).toBeGreaterThan(100);
  expect(report.bytes.total).toBeGreaterThanOrEqual(report.bytes.cache + report.bytes.masks);
  expect(storeText(report).join('\n')).toContain('19 files, 8 pairs, 3 test images');
});

test('a model in which several vote, and a vote that was interrupted, are in order', async () => {
  const card = { ...fakeCard({ modelId: 'voted' }), voters: 2 };
  const voter = { card: fakeCard({ modelId: 'voter' }), files: noWeights };
  await saveEnsemble(inStore('models'), card, [voter, voter]);
  await new ModelRegistry(inStore('models')).promote(card);
  await beginEnsemble(inStore('models'), 'data', 'voting');
  await plant(folder, ({ catalog }) => [
    { put: 'training-set', runId: 'voting', fingerprints: {} },
    { put: 'training-set', runId: card.runId, fingerprints: {} },
    ...[...catalog.predictions.keys()].map((id) => ({ remove: 'prediction', id }) as const),
  ]);
  const { findings, model } = await examined();
  expect(model).toBe('voted');
  expect(findings.filter(({ code }) => /MODEL|TRAINING_SET/.test(code))).toMatchObject([
    // Of the model before.
    { code: 'TRAINING_SET_UNUSED', count: 1 },
  ]);
});

test('where there is no store none is made', async () => {
  const nowhere = join(folder.home, 'nowhere');
  expect(await examineStore(nowhere, '0.0.0')).toEqual({ state: 'none', path: nowhere });
  expect((await repairStore(nowhere)).state).toBe('none');
  expect(existsSync(nowhere)).toBe(false);
});

const bestFolder = async () => {
  const best = await new ModelRegistry(inStore('models')).current();
  if (best.status !== 'found') throw new Error('no model');
  return best.value.folder;
};
const noWeights = { topology: {}, weightSpecs: [], weights: new Uint8Array(0) };
const placeModel = (modelId: string, createdAt: string) =>
  saveModel(inStore('models'), { ...fakeCard({ modelId }), createdAt }, noWeights);
const placeCheckpoint = (epoch: number) =>
  saveCheckpoint(inStore('models'), {
    position: {
      format: 1,
      runId: 'interrupted',
      recipe: recipes.tutorial,
      size: { height: 16, width: 16 },
      batchSize: 4,
      epochs: 9,
      seed: 1,
      normalisation: { mean: 0, std: 1 },
      dataFingerprint: '',
      startedFrom: null,
      trainedSubjects: [],
      pairs: 8,
      validationPairs: 0,
      epoch,
      step: 0,
      sums: { loss: 0, dice: 0, images: 0 },
      best: null,
      elapsedMs: 0,
      optimizerSteps: 0,
    },
    files: noWeights,
    moments: new Float32Array(0),
    average: null,
  });
/** No process has this one. */
const deadPid = 2 ** 22 + 1;

interface Damage {
  readonly what: string;
  readonly plant: () => Promise<unknown> | unknown;
  readonly code: string;
  readonly says: RegExp;
  /** Leftovers alone do not make a store unwell. */
  readonly isLeftover?: true;
}

const damages: readonly Damage[] = [
  {
    what: 'pixels that no sample is made of',
    plant: () =>
      plant(folder, () => [
        {
          put: 'pixels',
          key: 'of:nothing',
          record: { originalHeight: 1, originalWidth: 1, pixels: Uint8Array.of(1) },
        },
      ]),
    code: 'PIXELS_UNUSED',
    says: /^the cache holds pixels of 1 file that no sample is made of$/,
    isLeftover: true,
  },
  {
    what: 'pixels that are gone',
    plant: () =>
      plant(folder, async ({ catalog }) => {
        const { imageSha, preprocessing } = catalog.samples.get('test/2')!;
        return [{ remove: 'pixels', key: `${imageSha}:image:${preprocessing}` }];
      }),
    code: 'PIXELS_LOST',
    says: /^the cache has lost the pixels of 1 file: test\/2.tif$/,
  },
  {
    what: 'a prediction of no test image',
    plant: () =>
      plant(folder, async ({ catalog }) => [
        {
          put: 'prediction',
          record: { ...(await catalog.cache.readPredictions(['1']))[0]!, id: '77' },
        },
      ]),
    code: 'PREDICTION_OF_NOTHING',
    says: /^1 prediction is of no test image: 77$/,
  },
  {
    what: 'runs that leave the image',
    plant: () =>
      plant(folder, ({ catalog }) => [
        { put: 'prediction', record: { ...catalog.predictions.get('1')!, rle: '1 99999' } },
      ]),
    code: 'PREDICTION_UNREADABLE',
    says: /^the runs of 1 prediction do not fit the image: 1$/,
  },
  {
    what: 'what a forgotten training had seen',
    plant: () => plant(folder, () => [{ put: 'training-set', runId: 'old', fingerprints: {} }]),
    code: 'TRAINING_SET_UNUSED',
    says: /what 1 training had seen whose model is gone$/,
    isLeftover: true,
  },
  {
    what: 'a mask that is gone',
    plant: () => rmSync(inStore('masks', '2_mask.png')),
    code: 'MASK_MISSING',
    says: /^masks\/ lacks the masks of 1 row: 2$/,
  },
  {
    what: 'an empty mask file',
    plant: () => writeFileSync(inStore('masks', '2_mask.png'), ''),
    code: 'MASK_MISSING',
    says: /1 row: 2$/,
  },
  {
    what: 'a mask that is no image any more',
    plant: () => writeFileSync(inStore('masks', '3_mask.png'), 'once a picture'),
    code: 'MASK_DIFFERS',
    says: /^1 mask is not what the row says: 3$/,
  },
  {
    what: 'a mask that somebody has drawn on',
    plant: () => cpSync(inStore('masks', '1_mask.png'), inStore('masks', '3_mask.png')),
    code: 'MASK_DIFFERS',
    says: /: 3$/,
  },
  {
    what: 'a mask of no row',
    plant: () => cpSync(inStore('masks', '1_mask.png'), inStore('masks', '44_mask.png')),
    code: 'MASK_OF_NOTHING',
    says: /^masks\/ holds 1 mask of no row: 44$/,
  },
  {
    what: 'a model that nothing points to',
    plant: () => placeModel('stray', '2020-01-01T00:00:00.000Z'),
    code: 'MODEL_UNUSED',
    says: /^models\/ holds 1 model that nothing points to: model-stray$/,
    isLeftover: true,
  },
  {
    what: 'a model with a flipped bit',
    plant: async () => {
      const path = join(await bestFolder(), 'model.json');
      writeFileSync(path, readFileSync(path, 'utf8').replace('nerveflow', 'nerveflaw'));
    },
    code: 'MODEL_UNREADABLE',
    says: /cannot be read: .+ is damaged \(its checksum .+\); a model is trained anew$/,
  },
  {
    what: 'a pointer to a model that is gone, another one beside',
    plant: async () => {
      await placeModel('older', '2019-01-01T00:00:00.000Z');
      await placeModel('newer', '2020-01-01T00:00:00.000Z');
      rmSync(await bestFolder(), { recursive: true });
    },
    code: 'MODEL_UNREADABLE',
    says: /is missing; model-newer can predict$/,
  },
  {
    what: 'a pointer that is no pointer',
    plant: () => writeFileSync(inStore('models', 'best.json'), '{"folder": "../../etc"}'),
    code: 'MODEL_UNREADABLE',
    says: /best.json is damaged \(.+\); model-.+ can predict$/,
  },
  {
    what: 'a checkpoint that nothing points to',
    plant: async () => {
      await placeCheckpoint(3);
      rmSync(inStore('models', 'latest.json'));
    },
    code: 'CHECKPOINT_UNUSED',
    says: /^models\/ holds 1 checkpoint that nothing points to: checkpoint-interrupted-e3-s0$/,
    isLeftover: true,
  },
  {
    what: 'a damaged checkpoint, the one before intact',
    plant: async () => {
      await placeCheckpoint(3);
      truncateSync(join(await placeCheckpoint(4), 'training.json'), 5);
    },
    code: 'CHECKPOINT_UNREADABLE',
    says: /it goes on from the one before$/,
  },
  {
    what: 'a damaged checkpoint without another',
    plant: async () => rmSync(join(await placeCheckpoint(4), 'weights.bin')),
    code: 'CHECKPOINT_UNREADABLE',
    says: /it starts anew$/,
  },
  {
    what: 'a pointer to no checkpoint',
    plant: () => writeFileSync(inStore('models', 'latest.json'), 'nonsense'),
    code: 'CHECKPOINT_UNREADABLE',
    says: /latest.json is damaged \(not JSON\)\): it starts anew$/,
  },
  {
    what: 'no submission.csv',
    plant: () => rmSync(inStore('submission.csv')),
    code: 'SUBMISSION_DIFFERS',
    says: /^submission.csv is not there$/,
  },
  {
    what: 'a submission.csv that somebody has edited',
    plant: () => {
      const lines = readFileSync(inStore('submission.csv'), 'utf8').split('\n');
      writeFileSync(inStore('submission.csv'), [lines[0], '1,1 1', lines[2], '9,', ''].join('\n'));
    },
    code: 'SUBMISSION_DIFFERS',
    says: /^submission.csv lacks 1 row \(3\), has too many: 1 row \(9\), has another mask in 1 row \(1\)$/,
  },
  {
    what: 'a submission.csv in another order',
    plant: () => {
      const [header, ...rows] = readFileSync(inStore('submission.csv'), 'utf8').trim().split('\n');
      writeFileSync(inStore('submission.csv'), `${[header, ...rows.reverse()].join('\n')}\n`);
    },
    code: 'SUBMISSION_DIFFERS',
    says: /in another form or order$/,
  },
  {
    what: 'no measurements.csv',
    plant: () => rmSync(inStore('measurements.csv')),
    code: 'MEASUREMENTS_DIFFER',
    says: /^measurements.csv is not there$/,
  },
  {
    what: 'a measurements.csv that somebody has edited',
    plant: () => writeFileSync(inStore('measurements.csv'), 'id,area_px\n1,2\n'),
    code: 'MEASUREMENTS_DIFFER',
    says: /^measurements.csv does not hold what the rows say$/,
  },
  {
    what: 'what a killed process has left half written',
    plant: () => {
      writeFileSync(inStore('submission.csv.123'), 'im');
      writeFileSync(inStore('masks', '1_mask.png.123'), '');
      mkdirSync(inStore('models', `.tmp-${deadPid}-model-x`));
      mkdirSync(inStore('cache.damaged-1700000000000'));
    },
    code: 'LEFT_BEHIND',
    says: /^4 files or folders were left behind .+ and 1 more$/,
    isLeftover: true,
  },
];

describe('damage of every kind', () => {
  test.each(damages)('$what: $code', async ({ plant: damage, code, says, isLeftover }) => {
    await damage();
    const before = filesOf(folder.store);
    const report = await examined();
    const own = report.findings.find((finding) => finding.code === code);
    expect(own?.message).toMatch(says);
    expect(report.state).toBe(isLeftover ? 'healthy' : 'unwell');
    expect(storeText(report).join('\n')).toContain(`(${code})`);
    // To look changes nothing.
    expect(filesOf(folder.store)).toEqual(before);

    const repaired = await repairStore(folder.store);
    expect(repaired).toMatchObject({ state: 'repaired', findings: [] });
    expect(await examine()).toMatchObject({ state: 'healthy', findings: [] });
  });

  test('is told of once each, and alone', async () => {
    rmSync(inStore('masks', '2_mask.png'));
    const report = await examined();
    expect(report.findings.map(({ code }) => code)).toEqual(['MASK_MISSING']);
  });

  test('once mended, the program goes on as if nothing had been', async () => {
    const standing = readFileSync(inStore('submission.csv'), 'utf8');
    await plant(folder, ({ catalog }) => [
      {
        remove: 'pixels',
        key: [...catalog.samples.values()].map((s) => `${s.imageSha}:image:${s.preprocessing}`)[0]!,
      },
      { put: 'prediction', record: { ...catalog.predictions.get('1')!, rle: 'x' } },
    ]);
    rmSync(inStore('masks'), { recursive: true });
    await repairStore(folder.store);
    const { recorder } = await runOnce(folder);
    expect(recorder.of('train.started')).toEqual([]);
    expect(recorder.lines('item.failed', 'notice')).toEqual([]);
    expect(readFileSync(inStore('submission.csv'), 'utf8')).toBe(standing);
    expect(await examine()).toMatchObject({ state: 'healthy', findings: [] });
  });
});

describe('the cache itself', () => {
  test('damaged: told and left alone, then repaired', async () => {
    const manifest = readdirSync(inStore('cache')).find((name) => name.startsWith('MANIFEST'))!;
    writeFileSync(inStore('cache', manifest), 'zeros');
    const report = await examined();
    expect(report.state).toBe('unwell');
    expect(report.findings.map(({ code }) => code)).toEqual(['CACHE_DAMAGED']);
    expect(report.notLookedAt).toContain('submission.csv');
    expect(report.files).toBeNull();
    expect(readFileSync(inStore('cache', manifest), 'utf8')).toBe('zeros');

    const repaired = await repairStore(folder.store);
    expect(repaired).toMatchObject({ state: 'repaired', findings: [] });
    expect(repaired.state !== 'none' && repaired.repaired[0]?.code).toBe('CACHE_DAMAGED');
    expect(await examine()).toMatchObject({ state: 'healthy', files: 19, predictions: 3 });
  });

  test('without the file that says where it begins: told, not begun anew', async () => {
    rmSync(inStore('cache', 'CURRENT'));
    const report = await examined();
    expect(report.findings.map(({ code }) => code)).toEqual(['CACHE_DAMAGED']);
    expect(existsSync(inStore('cache', 'CURRENT'))).toBe(false);
  });

  test('of another format: told, not emptied', async () => {
    const db = new Level<string, Uint8Array>(inStore('cache'), { valueEncoding: 'view' });
    await db.sublevel<string, number>('meta', { valueEncoding: 'json' }).put('format', 99);
    await db.close();
    const [first, second] = [await examined(), await examined()];
    expect(first.findings).toMatchObject([{ code: 'CACHE_OTHER_FORMAT' }]);
    expect(second.findings).toEqual(first.findings);
  });
});

test('a process that was killed is named, and forgotten when mended', async () => {
  writeFileSync(
    inStore('holder.json'),
    JSON.stringify({ pid: deadPid, command: 'watch', since: '2025-01-01T00:00:00.000Z' }),
  );
  const report = await examined();
  expect(report.findings).toMatchObject([{ code: 'NOT_CLOSED', level: 'leftover' }]);
  expect(report.findings[0]?.message).toContain(`process ${deadPid} (nerveflow watch`);
  expect(await repairStore(folder.store)).toMatchObject({ state: 'repaired' });
  expect(existsSync(inStore('holder.json'))).toBe(false);
});
