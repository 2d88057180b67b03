import { copyFile, mkdir, readdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { filter, firstValueFrom } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ComputeFailure } from '../../src/compute/compute.js';
import {
  preprocessingKey,
  preprocessingOf,
  sampleFingerprint,
  versionedPostProcessing,
} from '../../src/operators/fingerprint.js';
import { thresholdOnly } from '../../src/operators/post-processing.js';
import { maskFromProbabilities } from '../../src/operators/resize-probabilities.js';
import { encodeRle } from '../../src/operators/rle.js';
import { type OpenStore, openStore } from '../../src/store/open-store.js';
import { pixelKey } from '../../src/store/pixel-keys.js';
import type { SampleRecord } from '../../src/store/records.js';
import { parseSubmission } from '../../src/store/submission-csv.js';
import { MaskKeeper } from '../../src/streams/prediction/mask-keeper.js';
import type { ServedModel } from '../../src/streams/prediction/served-model.js';
import { FakeCompute, fakeCard, fakeProbability, placeModel } from '../support/fake-compute.js';
import { RawFolder } from '../support/raw-folder.js';
import { Recorder } from '../support/recorder.js';
import { type RunningPredictor, startPredictor } from './running-predictor.js';

const size = { height: 16, width: 16 };
const original = { height: 20, width: 24 };
const preprocessing = preprocessingKey(preprocessingOf({ size }));

let folder: RawFolder;
let store: OpenStore;
let compute: FakeCompute;
let predictor: RunningPredictor;
let recorder: Recorder;
let modelA: ServedModel;
let modelB: ServedModel;

beforeEach(async () => {
  // A submission is written in between where a backlog takes long: here none does, however slow the machine.
  vi.useFakeTimers({ toFake: ['performance'] });
  folder = await RawFolder.make();
  store = await openStore(folder.store, 'test');
  modelA = await model('a');
  modelB = await model('b');
  begin();
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  await store.close();
  await folder.delete();
});

/** A predictor as after a start. */
function begin(): void {
  compute = new FakeCompute();
  predictor = startPredictor({ size, batchSize: 4 }, store, compute);
  recorder = new Recorder(predictor.events$);
}

async function model(modelId: string): Promise<ServedModel> {
  const placed = await placeModel(store.paths.models, fakeCard({ modelId }));
  const postProcessing = versionedPostProcessing(thresholdOnly(0.5));
  return { modelId, folder: placed, postProcessing, temperature: 1 };
}

/** A test sample of one grey value, as the intake leaves it. */
async function sample(id: string, grey: number): Promise<void> {
  const imageSha = `sha-${grey}`;
  const record: SampleRecord = {
    id,
    split: 'test',
    imageSha,
    maskSha: null,
    fingerprint: sampleFingerprint({
      image: imageSha,
      mask: null,
      preprocessing: preprocessingOf({ size }),
    }),
    preprocessing,
  };
  const pixels = {
    originalHeight: original.height,
    originalWidth: original.width,
    pixels: new Uint8Array(256).fill(grey),
  };
  await store.catalog.commit([
    { put: 'pixels', key: pixelKey(imageSha, 'image', preprocessing), record: pixels },
    { put: 'sample', record },
  ]);
}

async function samples(count: number): Promise<void> {
  for (let n = 1; n <= count; n++) await sample(`${n}`, n * 20);
}

async function remove(id: string): Promise<void> {
  await store.catalog.commit([
    { remove: 'sample', key: `test/${id}` },
    { remove: 'prediction', id },
  ]);
}

const idle = () => firstValueFrom(predictor.busy$.pipe(filter((isBusy) => !isBusy)));
const rows = async () => parseSubmission(await readFile(store.paths.submission, 'utf8'));
const measured = async () => columnsOf(await readFile(store.paths.measurements, 'utf8'));
const masks = async () => (await readdir(store.paths.masks)).sort();

function rleOf(grey: number, modelId: string): string {
  const probabilities = new Float32Array(256).fill(fakeProbability(grey, modelId));
  return encodeRle(maskFromProbabilities(probabilities, size, original, 0.5).mask, original);
}

describe('what is predicted', () => {
  test('everything once, in batches, with one submission at the end, by numeric id', async () => {
    await samples(10);
    predictor.serve(modelA);
    expect(predictor.pendingCount).toBe(10);
    await idle();
    expect(compute.predictedCounts.reduce((a, b) => a + b)).toBe(10);
    expect(Math.max(...compute.predictedCounts)).toBe(4);
    expect(
      recorder
        .of('item.predicted')
        .map(({ id, reason }) => `${id} ${reason}`)
        .sort(),
    ).toEqual(Array.from({ length: 10 }, (_, n) => `${n + 1} new`).sort());
    expect(recorder.of('submission.written')).toHaveLength(1);
    expect(recorder.all.slice(-2)).toMatchObject([
      { type: 'submission.written', rows: 10 },
      { type: 'measurements.written', rows: 10 },
    ]);
    expect([...(await rows()).keys()]).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9', '10']);
    expect((await rows()).get('3')).toBe(rleOf(60, 'a'));
    expect(await masks()).toHaveLength(10);
    expect(predictor.pendingCount).toBe(0);
  });

  test('after a restart with the same model: nothing', async () => {
    await samples(3);
    predictor.serve(modelA);
    await idle();
    begin();
    predictor.serve(modelA);
    await idle();
    expect(compute.predicted).toBe(0);
    expect(recorder.all).toMatchObject([{ type: 'submission.unchanged', rows: 3 }]);
  });

  test('a changed image, another model, another threshold, another clean-up: each with its reason', async () => {
    await samples(1);
    predictor.serve(modelA);
    await idle();
    await sample('1', 200);
    predictor.consider('1');
    await idle();
    predictor.serve(modelB);
    await idle();
    predictor.serve({ ...modelB, postProcessing: versionedPostProcessing(thresholdOnly(0.9)) });
    await idle();
    const cleaned = { ...thresholdOnly(0.9), leastArea: 0.01 };
    predictor.serve({ ...modelB, postProcessing: versionedPostProcessing(cleaned) });
    await idle();
    predictor.predictAgain();
    await idle();
    expect(recorder.of('item.predicted').map(({ reason }) => reason)).toEqual([
      'new',
      'changed',
      'model-changed',
      'settings-changed',
      'settings-changed',
      'requested',
    ]);
  });

  test('a shut presence gate empties the mask of an image that the model finds nothing in', async () => {
    await samples(2);
    compute.presenceOf = (image) => (image === 0 ? 0.1 : 0.9);
    const gated = { ...thresholdOnly(0), presenceThreshold: 0.5 };
    predictor.serve({ ...modelA, postProcessing: versionedPostProcessing(gated) });
    await idle();
    const pixels = recorder.of('item.predicted').map((event) => event.pixels);
    expect(pixels[0]).toBe(0);
    expect(pixels[1]).toBeGreaterThan(0);
  });

  test('a renamed or copied image takes its row along, but not when asked to predict again', async () => {
    await samples(2);
    predictor.serve(modelA);
    await idle();
    await remove('1');
    predictor.forget('1');
    await sample('7', 20);
    await sample('8', 40);
    predictor.consider('7');
    predictor.consider('8');
    await idle();
    expect(compute.predicted).toBe(2);
    expect(recorder.lines('item.predicted').slice(2).sort()).toEqual([
      'item.predicted 7 new',
      'item.predicted 8 new',
    ]);
    expect(Object.fromEntries(await rows())).toEqual({
      2: rleOf(40, 'a'),
      7: rleOf(20, 'a'),
      8: rleOf(40, 'a'),
    });
    expect(await masks()).toEqual(
      expect.arrayContaining(['2_mask.png', '7_mask.png', '8_mask.png']),
    );
    predictor.predictAgain();
    await idle();
    expect(compute.predicted).toBe(5);
  });

  test('without a model nothing, and nothing is written, but what waits is counted', async () => {
    await samples(2);
    predictor.considerAll();
    await idle();
    expect(predictor.pendingCount).toBe(2);
    expect(recorder.all).toEqual([]);
  });

  test('with a model and no images the submission is a header, however late the model comes', async () => {
    predictor.considerAll();
    await idle();
    predictor.serve(modelA);
    await idle();
    expect(await readFile(store.paths.submission, 'utf8')).toBe('img,pixels\n');
  });

  test('images cached at other settings wait until they have been taken in again', async () => {
    await samples(1);
    const old = { ...store.catalog.samples.get('test/1')!, preprocessing: '32x32:v1' };
    await store.catalog.commit([{ put: 'sample', record: old }]);
    predictor.serve(modelA);
    await idle();
    expect(compute.predicted).toBe(0);
  });
});

describe('changes while a prediction is in flight', () => {
  beforeEach(async () => {
    await samples(1);
    compute.prediction.close();
    predictor.serve(modelA);
    await compute.prediction.reached;
  });

  test('of an image that changed the newest state stands, and alone is told', async () => {
    await sample('1', 200);
    predictor.consider('1');
    compute.prediction.open();
    await idle();
    expect(recorder.of('item.predicted')).toHaveLength(1);
    expect((await rows()).get('1')).toBe(rleOf(200, 'a'));
  });

  test('of an image that went nothing is left', async () => {
    await remove('1');
    predictor.forget('1');
    compute.prediction.open();
    await idle();
    expect(recorder.of('item.predicted')).toEqual([]);
    expect([...(await rows()).keys()]).toEqual([]);
    expect(await masks()).toEqual([]);
    expect(store.catalog.predictions.size).toBe(0);
  });

  test('an image that went and came back is predicted', async () => {
    await remove('1');
    predictor.forget('1');
    await sample('1', 20);
    predictor.consider('1');
    compute.prediction.open();
    await idle();
    expect((await rows()).get('1')).toBe(rleOf(20, 'a'));
    expect(await masks()).toEqual(['1_mask.png']);
    expect(recorder.of('item.predicted')).toHaveLength(1);
  });

  test('looking at everything again does not do it twice', async () => {
    predictor.considerAll();
    expect(predictor.load).toMatchObject({ queued: 0, inFlight: 1 });
    compute.prediction.open();
    await idle();
    expect(compute.predicted).toBe(1);
  });

  test('another model is not mixed in: the batch in flight ends before it is loaded', async () => {
    await samples(6);
    predictor.considerAll();
    predictor.serve(modelB);
    compute.prediction.open();
    await idle();
    expect(compute.served).toEqual(['a', 'b']);
    const found = await rows();
    for (let n = 1; n <= 6; n++) expect(found.get(`${n}`)).toBe(rleOf(n * 20, 'b'));
    expect(new Set([...store.catalog.predictions.values()].map((p) => p.modelId))).toEqual(
      new Set(['b']),
    );
  });
});

describe('a folder so large that looking at it takes many slices', () => {
  beforeEach(async () => {
    await samples(12);
    // A slice is over after a few images.
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => (now += 5));
  });

  test('others have their turns in between, and all of it is predicted', async () => {
    predictor.serve(modelA);
    expect(predictor.pendingCount).toBeLessThan(12);
    expect(predictor.busy$.value).toBe(true);
    await idle();
    expect(compute.predicted).toBe(12);
    expect((await rows()).size).toBe(12);
  });

  test('what changes or goes meanwhile is as it is in the end', async () => {
    predictor.serve(modelA);
    await sample('1', 201);
    predictor.consider('1');
    await sample('13', 250);
    predictor.consider('13');
    await remove('12');
    predictor.forget('12');
    await idle();
    expect(compute.predicted).toBe(12);
    const found = await rows();
    expect(found.get('1')).toBe(rleOf(201, 'a'));
    expect(found.get('13')).toBe(rleOf(250, 'a'));
    expect(found.has('12')).toBe(false);
  });

  test('another model, a request and a look in the middle of it all count', async () => {
    predictor.serve(modelA);
    predictor.predictAgain();
    predictor.considerAll();
    predictor.serve(modelB);
    await idle();
    expect(compute.served).toEqual(['b']);
    expect(recorder.of('item.predicted').map(({ reason }) => reason)).toEqual(
      Array.from({ length: 12 }, () => 'requested'),
    );
  });

  test('the oldest rows come first, images without one before them', async () => {
    vi.spyOn(Date, 'now').mockReturnValue(2000);
    predictor.serve(modelA);
    await idle();
    vi.spyOn(Date, 'now').mockReturnValue(1000);
    await sample('12', 201);
    predictor.consider('12');
    await idle();
    await sample('13', 250);
    recorder.clear();
    predictor.serve(modelB);
    await idle();
    // Two batches of four are in hand at once, and either may end first.
    const first = recorder.of('item.predicted').slice(0, 8);
    expect(first.map(({ id }) => id)).toEqual(expect.arrayContaining(['13', '12']));
  });

  test('stopping does not wait for the rest of it', async () => {
    predictor.serve(modelA);
    predictor.hold('stopping', true);
    await idle();
    expect(compute.predicted).toBe(0);
  });
});

test('an image that comes in the very moment in which all is done is predicted', async () => {
  await samples(1);
  const remember = vi.spyOn(MaskKeeper.prototype, 'remember');
  remember.mockImplementationOnce(async () => {
    await sample('2', 40);
    predictor.consider('2');
  });
  predictor.serve(modelA);
  await idle();
  expect([...(await rows()).keys()]).toEqual(['1', '2']);
});

describe('holding', () => {
  test('nothing starts while any reason holds, then all of it does', async () => {
    await samples(3);
    predictor.hold('compute', true);
    predictor.hold('training', true);
    predictor.serve(modelA);
    await idle();
    expect(predictor.isStuck).toBe(true);
    predictor.hold('training', false);
    await idle();
    expect(compute.predicted).toBe(0);
    predictor.hold('compute', false);
    await idle();
    expect(compute.predicted).toBe(3);
    expect(predictor.isStuck).toBe(false);
  });

  test('a request to predict everything outlives a look at everything', async () => {
    await samples(2);
    predictor.serve(modelA);
    await idle();
    predictor.hold('compute', true);
    predictor.predictAgain();
    predictor.considerAll();
    predictor.hold('compute', false);
    await idle();
    expect(
      recorder.of('item.predicted').filter(({ reason }) => reason === 'requested'),
    ).toHaveLength(2);
  });

  test('a failed batch is told once, kept, and tried again with the next look', async () => {
    await samples(2);
    compute.predictFailures.push(new ComputeFailure('OUT_OF_MEMORY', 'no memory'));
    predictor.serve(modelA);
    await idle();
    expect(recorder.lines('notice')).toEqual(['notice OUT_OF_MEMORY']);
    expect(predictor).toMatchObject({ isStuck: true, pendingCount: 2 });
    predictor.considerAll();
    await idle();
    expect(predictor).toMatchObject({ isStuck: false, pendingCount: 0 });
    expect((await rows()).size).toBe(2);
  });

  test('a model that cannot be read waits for another one, not for the compute process', async () => {
    await samples(2);
    compute.serveFailures.push(new ComputeFailure('MODEL_UNREADABLE', 'damaged'));
    predictor.serve(modelA);
    await idle();
    predictor.considerAll();
    await idle();
    expect(compute.predicted).toBe(0);
    expect(predictor.isStuck).toBe(true);
    predictor.serve(modelB);
    await idle();
    expect((await rows()).get('1')).toBe(rleOf(20, 'b'));
  });
});

describe('the store', () => {
  test('a row goes with its image, also while the file is being written', async () => {
    await samples(3);
    predictor.serve(modelA);
    await idle();
    for (const id of ['1', '2', '3']) {
      await remove(id);
      predictor.forget(id);
    }
    await idle();
    expect(await readFile(store.paths.submission, 'utf8')).toBe('img,pixels\n');
  });

  test('a full disk: told once an image, tried again, nothing lost', async () => {
    await samples(2);
    const full = new Error('IO error: No space left on device');
    const commit = vi.spyOn(store.catalog.cache, 'commit').mockRejectedValue(full);
    predictor.serve(modelA);
    await idle();
    predictor.considerAll();
    await idle();
    expect(recorder.lines('item.failed').sort()).toEqual([
      'item.failed test/1 DISK_FULL',
      'item.failed test/2 DISK_FULL',
    ]);
    expect(predictor).toMatchObject({ isStuck: true, pendingCount: 2 });
    commit.mockRestore();
    predictor.considerAll();
    await idle();
    expect((await rows()).size).toBe(2);
    expect(predictor.isStuck).toBe(false);
  });

  test('a submission.csv that cannot be written is told once, and written when it can', async () => {
    await samples(1);
    await rm(store.paths.submission, { force: true });
    await mkdir(store.paths.submission);
    predictor.serve(modelA);
    await idle();
    predictor.considerAll();
    await idle();
    expect(recorder.of('item.failed')).toHaveLength(1);
    expect(recorder.of('item.failed')[0]).toMatchObject({ stage: 'submission' });
    expect(predictor.isStuck).toBe(true);
    await rmdir(store.paths.submission);
    predictor.considerAll();
    await idle();
    expect((await rows()).size).toBe(1);
    expect(predictor.isStuck).toBe(false);
  });

  test('a measurements.csv that cannot be written holds up nothing, and is written when it can', async () => {
    await samples(1);
    await rm(store.paths.measurements, { force: true });
    await mkdir(store.paths.measurements);
    predictor.serve(modelA);
    await idle();
    expect((await rows()).size).toBe(1);
    predictor.considerAll();
    await idle();
    expect(recorder.of('item.failed')).toMatchObject([
      { path: store.paths.measurements, stage: 'measurements', code: 'STORE_WRITE_FAILED' },
    ]);
    expect(predictor.isStuck).toBe(true);
    await rmdir(store.paths.measurements);
    predictor.considerAll();
    await idle();
    expect((await measured()).get('id')).toEqual(['1']);
    expect(predictor.isStuck).toBe(false);
  });

  test('lost pixels are told, and do not stop the others', async () => {
    await samples(2);
    const key = pixelKey('sha-20', 'image', preprocessing);
    await store.catalog.commit([{ remove: 'pixels', key }]);
    predictor.serve(modelA);
    await idle();
    expect(recorder.lines('item.failed')).toEqual(['item.failed test/1 PIXELS_LOST']);
    expect([...(await rows()).keys()]).toEqual(['2']);
  });

  test('after a power cut all masks are, since any may be what it was before', async () => {
    await samples(2);
    predictor.serve(modelA);
    await idle();
    const before = await readFile(join(store.paths.masks, '1_mask.png'));
    await copyFile(join(store.paths.masks, '2_mask.png'), join(store.paths.masks, '1_mask.png'));
    await store.close();
    const left = { pid: 1, command: 'watch', since: '2001-01-01T00:00:00.000Z' };
    await writeFile(store.paths.holder, JSON.stringify(left));
    store = await openStore(folder.store, 'test');
    begin();
    predictor.serve(modelA);
    await idle();
    expect(compute.predicted).toBe(0);
    expect(await readFile(join(store.paths.masks, '1_mask.png'))).toEqual(before);
    expect(store.catalog.areMasksInDoubt).toBe(false);
  });

  test('at a start masks are drawn again from their rows; rows and masks of nothing go', async () => {
    await samples(3);
    predictor.serve(modelA);
    await idle();
    const before = await readFile(join(store.paths.masks, '1_mask.png'));
    await rm(join(store.paths.masks, '1_mask.png'));
    await writeFile(join(store.paths.masks, '2_mask.png'), '');
    await writeFile(join(store.paths.masks, '99_mask.png'), 'left over');
    await store.catalog.commit([{ remove: 'sample', key: 'test/3' }]);
    begin();
    predictor.serve(modelA);
    await idle();
    expect(compute.predicted).toBe(0);
    expect(await masks()).toEqual(['1_mask.png', '2_mask.png']);
    expect(await readFile(join(store.paths.masks, '1_mask.png'))).toEqual(before);
    expect([...store.catalog.predictions.keys()].sort()).toEqual(['1', '2']);
    expect([...(await rows()).keys()]).toEqual(['1', '2']);
  });
});

describe('measurements.csv', () => {
  test('tells of each image what its mask measures, an empty one too', async () => {
    await samples(10);
    predictor.serve(modelA);
    await idle();
    const table = await measured();
    expect(table.get('id')).toEqual([...(await rows()).keys()]);
    const areas = [...(await rows()).values()].map((rle) => (rle === '' ? '0' : '480'));
    expect(table.get('area_px')).toEqual(areas);
    expect(new Set(areas)).toEqual(new Set(['0', '480']));
    expect(table.get('box_width_px')).toEqual(areas.map((area) => (area === '0' ? '' : '24')));
    expect(table.get('grey_inside')).toEqual(
      areas.map((area, n) => (area === '0' ? '' : `${(n + 1) * 20}`)),
    );
    for (const doubt of table.get('uncertainty')!) expect(doubt).toMatch(/^(0|1|0\.\d+)$/);
    expect(new Set(table.get('model_id'))).toEqual(new Set(['a']));
    expect(new Set(table.get('area_mm2'))).toEqual(new Set(['']));
  });

  test('a spacing that becomes known later gives millimetres without a new prediction', async () => {
    await sample('1', 200);
    predictor.serve(modelA);
    await idle();
    const [area] = (await measured()).get('area_px')!;
    const spaced = {
      ...store.catalog.samples.get('test/1')!,
      spacing: { rowMm: 0.1, columnMm: 0.2 },
    };
    await store.catalog.commit([{ put: 'sample', record: spaced }]);
    predictor.take({ type: 'stored', sample: spaced, reason: 'settings-changed' });
    await idle();
    const table = await measured();
    expect(Number(table.get('area_mm2')![0])).toBeCloseTo(Number(area) * 0.02, 2);
    expect(table.get('column_mm')).toEqual(['0.2']);
    expect(recorder.of('item.predicted')).toHaveLength(1);
    expect(recorder.of('submission.written')).toHaveLength(1);
    expect(recorder.of('measurements.written')).toHaveLength(2);
  });

  test('rows of version 0.1 stand until each is predicted once more', async () => {
    await samples(2);
    predictor.serve(modelA);
    await idle();
    const before = await readFile(store.paths.submission, 'utf8');
    await makeRowsOld();
    await rm(store.paths.measurements);
    begin();
    compute.prediction.close();
    predictor.serve(modelA);
    await compute.prediction.reached;
    expect(await readFile(store.paths.submission, 'utf8')).toBe(before);
    compute.prediction.open();
    await idle();
    expect(recorder.lines('item.predicted')).toEqual([
      'item.predicted 1 settings-changed',
      'item.predicted 2 settings-changed',
    ]);
    expect(await readFile(store.paths.submission, 'utf8')).toBe(before);
    expect((await measured()).get('uncertainty')).not.toContain('');
  });
});

/** As version 0.1 wrote them. */
async function makeRowsOld(): Promise<void> {
  const ids = [...store.catalog.predictions.keys()];
  for (const row of await store.catalog.cache.readPredictions(ids)) {
    const { measures: _, ...old } = row!;
    const record = { ...old, postprocessing: 'threshold 0.5:v1' };
    await store.catalog.commit([{ put: 'prediction', record }]);
  }
}

/** Cells of a CSV without quotes, by column. */
function columnsOf(text: string): Map<string, string[]> {
  const [header, ...lines] = text
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));
  return new Map(header!.map((name, at) => [name, lines.map((line) => line[at]!)]));
}
