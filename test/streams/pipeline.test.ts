import { mkdir, readdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ComputeFailure } from '../../src/compute/compute.js';
import { parseSubmission } from '../../src/store/submission-csv.js';
import { FakeCompute, fakeCard, placeModel } from '../support/fake-compute.js';
import { RawFolder } from '../support/raw-folder.js';
import { type PipelineSetup, RunningPipeline, runOnce } from '../support/running-pipeline.js';

let folder: RawFolder;
let running: RunningPipeline | null;

beforeEach(async () => {
  folder = await RawFolder.make();
  running = null;
});
afterEach(async () => {
  vi.restoreAllMocks();
  await running?.stop();
  await folder.delete();
});

const csv = async () =>
  parseSubmission(await readFile(join(folder.store, 'submission.csv'), 'utf8'));
const ids = async () => [...(await csv()).keys()];
const masks = async () => (await readdir(join(folder.store, 'masks'))).sort();
const modelsFolder = () => join(folder.store, 'models');

describe('once', () => {
  test('takes in, trains, predicts with the final model, writes the CSV, ends', async () => {
    await folder.pairs(3, 3);
    for (let n = 1; n <= 5; n++) await folder.image(`test/${n}.tif`, n);
    const { outcome, recorder, compute } = await runOnce(folder);
    expect(outcome).toBe('done');
    expect(
      recorder.lines('train.started', 'train.done', 'submission.written', 'caught-up'),
    ).toEqual(['train.started no-model', 'train.done', 'submission.written', 'caught-up']);
    expect(recorder.of('caught-up')[0]).toMatchObject({
      ingested: 14,
      cached: 0,
      failed: 0,
      predicted: 5,
      pending: 0,
    });
    // Every test image once, by the model of the last epoch.
    expect(compute.predicted).toBe(5);
    expect(new Set(recorder.of('item.predicted').map(({ modelId }) => modelId))).toEqual(
      new Set([recorder.of('train.done')[0]!.modelId]),
    );
    expect(await ids()).toEqual(['1', '2', '3', '4', '5']);
    expect(await masks()).toHaveLength(5);
  });

  test('a second run does nothing and says that all is cached', async () => {
    await folder.pairs(2, 2);
    await folder.image('test/1.tif', 1);
    await runOnce(folder);
    const { outcome, recorder, compute } = await runOnce(folder);
    expect(outcome).toBe('done');
    expect(compute.runs).toHaveLength(0);
    expect(compute.predicted).toBe(0);
    expect(recorder.of('item.ingested').map(({ reason }) => reason)).toEqual(
      Array.from({ length: 5 }, () => 'cached'),
    );
    expect(recorder.of('caught-up')).toMatchObject([{ cached: 5, predicted: 0, pending: 0 }]);
    expect(recorder.of('submission.written')).toEqual([]);
    expect(recorder.of('submission.unchanged')).toMatchObject([{ rows: 1 }]);
    const model = { imageDice: expect.any(Number), isInterim: false };
    expect(recorder.of('model.serving')).toMatchObject([model]);
  });

  test('pixel sizes that are told later are measured by, and nothing is predicted for them', async () => {
    await folder.pairs(2, 2);
    await folder.image('test/1.tif', 1);
    const column = async (name: string) => {
      const text = await readFile(join(folder.store, 'measurements.csv'), 'utf8');
      const [header, ...lines] = text.trimEnd().split('\n');
      return lines.map((line) => line.split(',')[header!.split(',').indexOf(name)]);
    };
    await runOnce(folder);
    expect(await column('area_mm2')).toEqual(['']);
    const spaced = { flags: { spacing: 0.5 } };
    const told = await runOnce(folder, spaced);
    expect(told.recorder.lines('item.ingested', 'item.predicted').sort()).toEqual(
      ['1', '1_1', '1_2', '2_1', '2_2'].map((id) => `item.ingested ${id} settings-changed`),
    );
    expect(await column('area_mm2')).toEqual([`${Number((await column('area_px'))[0]) / 4}`]);
    const again = await runOnce(folder, spaced);
    expect(again.recorder.lines('measurements.written', 'item.predicted')).toEqual([]);
    expect(again.recorder.of('item.ingested').map(({ reason }) => reason)).toEqual(
      Array.from({ length: 5 }, () => 'cached'),
    );
  });

  test('what changed between two runs, and only that, is done', async () => {
    await folder.pairs(2, 2);
    for (let n = 1; n <= 4; n++) await folder.image(`test/${n}.tif`, n);
    await runOnce(folder);
    await folder.image('test/1.tif', 50);
    await folder.remove('test/2.tif');
    await folder.touch('test/3.tif');
    await folder.rename('test/4.tif', 'test/9.tif');
    const { recorder, compute } = await runOnce(folder);
    const lines = recorder.lines('item.ingested', 'item.removed', 'item.predicted');
    expect(lines.filter((line) => !line.endsWith('cached')).sort()).toEqual([
      'item.ingested 1 changed',
      'item.ingested 9 new',
      'item.predicted 1 changed',
      'item.predicted 9 new',
      'item.removed 2',
      'item.removed 4',
    ]);
    expect(compute.runs).toHaveLength(0);
    // What was renamed has its row already.
    expect(compute.predicted).toBe(1);
    expect(await ids()).toEqual(['1', '3', '9']);
    expect(await masks()).toEqual(['1_mask.png', '3_mask.png', '9_mask.png']);
  });

  test('another size takes everything in again, and says why', async () => {
    await folder.pairs(2, 2);
    await folder.image('test/1.tif', 1);
    await runOnce(folder);
    const { recorder } = await runOnce(folder, { flags: { size: '32x32' } });
    expect(new Set(recorder.of('item.ingested').map(({ reason }) => reason))).toEqual(
      new Set(['settings-changed']),
    );
    expect(recorder.lines('train.started', 'item.predicted')).toEqual([
      'train.started settings-changed',
      'item.predicted 1 settings-changed',
    ]);
  });

  test('too few pairs: said, and what is there is kept for later', async () => {
    await folder.pairs(1, 3);
    await folder.image('test/1.tif', 1);
    const { outcome, recorder } = await runOnce(folder);
    expect(outcome).toBe('done');
    expect(recorder.lines('notice')).toEqual(['notice TOO_FEW_PAIRS']);
    expect(recorder.of('caught-up')).toMatchObject([{ ingested: 4, pending: 1 }]);
  });

  test('an empty raw/, and one without its folders, end too', async () => {
    expect((await runOnce(folder)).outcome).toBe('done');
    await folder.remove('train');
    await folder.remove('test');
    expect((await runOnce(folder)).outcome).toBe('done');
  });

  test('bad files are each said once, and the rest goes on', async () => {
    await folder.pairs(2, 2);
    await folder.write('train/9_1.tif', 'no image');
    await folder.mask('train/9_1_mask.tif', 1);
    await folder.image('train/8_1.tif', 1);
    await folder.image('train/7_1.tif', 1);
    await folder.mask('train/7_1_mask.tif', 1, { height: 8, width: 8 });
    await folder.write('train/Thumbs.db', 'foreign');
    await folder.image('test/1.tif', 1);
    await folder.write('test/2.tif', '');
    const { outcome, recorder } = await runOnce(folder);
    expect(outcome).toBe('done');
    expect(recorder.lines('item.failed').sort()).toEqual([
      'item.failed test/2.tif EMPTY_FILE',
      'item.failed train/7_1_mask.tif MASK_SIZE_MISMATCH',
      'item.failed train/9_1.tif NOT_AN_IMAGE',
    ]);
    expect(recorder.lines('item.waiting').sort()).toEqual([
      'item.waiting 8_1 mask',
      'item.waiting 9_1 image',
    ]);
    expect(recorder.of('caught-up')).toMatchObject([{ ingested: 5, failed: 3, predicted: 1 }]);
  });

  test('a failed training makes the run fail', async () => {
    await folder.pairs(2, 2);
    const compute = new FakeCompute();
    compute.trainFailure = new ComputeFailure('LOSS_NOT_FINITE', 'not a number');
    const { outcome, recorder } = await runOnce(folder, { compute });
    expect(outcome).toBe('failed');
    expect(recorder.of('train.failed')).toHaveLength(1);
  });

  test('predictions that cannot be made make the run fail', async () => {
    await folder.pairs(2, 2);
    await folder.image('test/1.tif', 1);
    const compute = new FakeCompute();
    compute.predictFailures.push(new ComputeFailure('COMPUTE_DIED', 'died'));
    const { outcome } = await runOnce(folder, { compute });
    expect(outcome).toBe('failed');
  });

  test('a model that cannot be loaded: the one before it predicts, the run ends well', async () => {
    await placeModel(modelsFolder(), fakeCard({ modelId: 'before' }));
    await placeModel(modelsFolder(), fakeCard({ modelId: 'corrupt' }));
    await folder.image('test/1.tif', 1);
    const compute = new FakeCompute();
    compute.serveFailures.push(new ComputeFailure('MODEL_UNREADABLE', 'weights.bin is damaged'));
    const { outcome, recorder } = await runOnce(folder, { compute });
    expect(outcome).toBe('done');
    expect(recorder.of('item.predicted')).toMatchObject([{ modelId: 'before' }]);
    expect(recorder.of('caught-up')).toMatchObject([{ pending: 0 }]);
  });

  test('a folder that is out of reach keeps its rows', async () => {
    await folder.pairs(2, 2);
    await folder.image('test/1.tif', 1);
    await runOnce(folder);
    const away = join(folder.home, 'away');
    await rename(join(folder.raw, 'test'), away);
    const { recorder } = await runOnce(folder);
    expect(recorder.lines('notice', 'item.removed')).toEqual(['notice FOLDER_MISSING']);
    expect(await ids()).toEqual(['1']);
    await rename(away, join(folder.raw, 'test'));
    const back = await runOnce(folder);
    expect(back.compute.predicted).toBe(0);
  });
});

describe('watch', () => {
  async function watch(setup?: PipelineSetup): Promise<RunningPipeline> {
    running = await RunningPipeline.start(folder, 'watch', setup);
    return running;
  }

  /** A model stands, so that the bursts of a test are of prediction alone. */
  async function watchWithModel(setup: PipelineSetup = {}): Promise<RunningPipeline> {
    await placeModel(modelsFolder(), fakeCard({ modelId: 'standing' }));
    return await watch({ ...setup, flags: { retrain: 'never', ...setup.flags } });
  }

  test('a new image: ingested, predicted, written, caught up, each once; touched: nothing', async () => {
    await folder.image('test/1.tif', 1);
    const { recorder, compute } = await watchWithModel();
    await recorder.next('caught-up');
    recorder.clear();

    await folder.image('test/2.tif', 2);
    await recorder.next('caught-up');
    const oneBurst = [
      'item.ingested',
      'item.predicted',
      'submission.written',
      'caught-up',
    ] as const;
    expect(recorder.lines(...oneBurst)).toEqual([
      'item.ingested 2 new',
      'item.predicted 2 new',
      'submission.written',
      'caught-up',
    ]);
    recorder.clear();

    await folder.image('test/2.tif', 3);
    await recorder.next('caught-up');
    expect(recorder.lines(...oneBurst)).toEqual([
      'item.ingested 2 changed',
      'item.predicted 2 changed',
      'submission.written',
      'caught-up',
    ]);
    recorder.clear();

    await folder.touch('test/2.tif');
    // Later than the touched one, so that it has been looked at.
    await folder.image('test/3.tif', 4);
    await recorder.next('caught-up');
    expect(recorder.lines('item.ingested', 'item.predicted')).toEqual([
      'item.ingested 3 new',
      'item.predicted 3 new',
    ]);
    expect(compute.predicted).toBe(4);
    expect(recorder.of('caught-up')).toHaveLength(1);
  });

  test('a burst of many files is caught up with once', async () => {
    const { recorder, compute } = await watchWithModel();
    await recorder.next('caught-up');
    recorder.clear();
    await Promise.all(Array.from({ length: 60 }, (_, n) => folder.image(`test/${n + 1}.tif`, n)));
    await recorder.next('caught-up', ({ predicted }) => predicted === 60);
    expect(compute.predicted).toBe(60);
    expect(recorder.of('item.ingested')).toHaveLength(60);
    expect((await csv()).size).toBe(60);
  });

  test('a deleted image takes its row and its mask with it; its pixels go too', async () => {
    await folder.image('test/1.tif', 1);
    await folder.image('test/2.tif', 2);
    const { recorder, store } = await watchWithModel();
    await recorder.next('caught-up');
    await folder.remove('test/1.tif');
    await recorder.next('item.removed');
    await recorder.next('caught-up');
    expect(await ids()).toEqual(['2']);
    expect(await masks()).toEqual(['2_mask.png']);
    const pixels: string[] = [];
    for await (const key of store.catalog.cache.pixelKeys()) pixels.push(key);
    expect(pixels).toHaveLength(1);
  });

  test('lost events are made up for, and what the store refused is tried again', async () => {
    const { recorder, store } = await watchWithModel({ timing: { reconcileEveryMs: 100 } });
    await recorder.next('caught-up');
    recorder.clear();
    const full = new Error('No space left on device');
    const commit = vi.spyOn(store.catalog.cache, 'commit').mockRejectedValue(full);
    await folder.image('test/1.tif', 1);
    await recorder.next('item.failed');
    // Several rounds of trying: told once.
    await vi.waitFor(() => expect(commit.mock.calls.length).toBeGreaterThan(3));
    expect(recorder.lines('item.failed')).toEqual(['item.failed test/1.tif DISK_FULL']);
    commit.mockRestore();
    await recorder.next('submission.written');
    expect(await ids()).toEqual(['1']);
  });

  test('paused, nothing is taken in; then all of it is', async () => {
    const { recorder, pipeline } = await watchWithModel();
    await recorder.next('caught-up');
    recorder.clear();
    pipeline.pause(true);
    await folder.image('test/1.tif', 1);
    await recorder.next('stages', ({ stages }) => stages.ingest.queued === 1);
    expect(recorder.lines('item.ingested')).toEqual([]);
    pipeline.pause(false);
    await recorder.next('caught-up');
    expect(recorder.lines('item.ingested', 'paused')).toEqual([
      'paused',
      'paused',
      'item.ingested 1 new',
    ]);
  });

  test('the best so far of a first training predicts, its end predicts again', async () => {
    await folder.pairs(2, 3);
    await folder.image('test/1.tif', 1);
    const compute = new FakeCompute();
    const { recorder } = await watch({ compute });
    await recorder.next('caught-up');
    const started = recorder.all.findIndex(({ type }) => type === 'train.started');
    const predicted = recorder.all.findIndex(({ type }) => type === 'item.predicted');
    expect(predicted).toBeGreaterThan(started);
    expect(recorder.of('item.predicted').at(-1)!.modelId).toBe(
      recorder.of('train.done')[0]!.modelId,
    );
    expect(recorder.of('train.started')).toHaveLength(1);
  });

  test('data that arrives during a training neither restarts nor disturbs it, and is trained on after', async () => {
    await folder.pairs(2, 3);
    const compute = new FakeCompute();
    compute.training.close();
    const { recorder } = await watch({ compute });
    await compute.training.reached;
    await folder.pair('9_1', 5);
    await folder.remove('train/1_1.tif');
    // In whichever order they are told.
    await vi.waitFor(() => {
      expect(recorder.lines('item.ingested')).toContain('item.ingested 9_1 new');
      expect(recorder.lines('item.removed')).toEqual(['item.removed 1_1']);
    }, 5000);
    expect(compute.runs).toHaveLength(1);
    compute.training.open();
    await recorder.next('train.done');
    await recorder.next('train.started', ({ reason }) => reason === 'data-changed');
    await recorder.next('train.done');
    const { pairs, validationPairs } = compute.runs[1]!;
    expect(pairs + validationPairs).toBe(6);
    await recorder.next('caught-up');
    expect(compute.runs).toHaveLength(2);
  });

  test('the old model serves while its successor is trained', async () => {
    await placeModel(modelsFolder(), fakeCard({ modelId: 'standing' }));
    await folder.pairs(2, 3);
    const compute = new FakeCompute();
    compute.training.close();
    const { recorder } = await watch({ compute });
    await compute.training.reached;
    await folder.image('test/1.tif', 1);
    expect(await recorder.next('item.predicted')).toMatchObject({ modelId: 'standing' });
    compute.training.open();
    await recorder.next('train.done');
    expect(await recorder.next('item.predicted')).toMatchObject({ reason: 'model-changed' });
  });

  test('`manual` trains only when a person asks, `never` not even then', async () => {
    await folder.pairs(2, 3);
    const off = await watch({ flags: { retrain: 'never' } });
    await off.recorder.next('caught-up');
    off.pipeline.trainNow();
    expect(off.recorder.lines('notice').at(-1)).toBe('notice TRAINING_OFF');
    await off.stop();
    expect(off.compute.runs).toHaveLength(0);

    const { recorder, pipeline, compute } = await watch({ flags: { retrain: 'manual' } });
    await recorder.next('caught-up');
    expect(compute.runs).toHaveLength(0);
    pipeline.trainNow();
    await recorder.next('train.done');
    expect(recorder.of('train.started')[0]!.reason).toBe('requested');
  });

  test('a change of model leaves no gap in the CSV and begins with the oldest rows', async () => {
    await folder.pairs(2, 3);
    const compute = new FakeCompute();
    const flags = { retrain: 'manual', batchSize: 1 };
    const { recorder, pipeline } = await watch({ compute, flags });
    await recorder.next('caught-up');
    for (const id of ['3', '1', '2', '4']) await folder.image(`test/${id}.tif`, Number(id));
    pipeline.trainNow();
    await recorder.next('train.done');
    await recorder.next('caught-up', ({ pending, predicted }) => pending === 0 && predicted >= 4);
    for (const id of ['2', '4', '3', '1']) {
      await folder.image(`test/${id}.tif`, 10 + Number(id));
      await recorder.next('item.predicted', (event) => event.id === id);
      await recorder.next('caught-up');
    }
    recorder.clear();

    const before = await csv();
    compute.prediction.close();
    pipeline.trainNow();
    const { modelId } = await recorder.next('train.done');
    await compute.prediction.reached;
    // Nothing is predicted anew yet: all rows stand.
    expect(await csv()).toEqual(before);
    compute.prediction.open();
    await recorder.next('caught-up');
    const again = recorder.of('item.predicted');
    // Two are on their way at once.
    expect(new Set(again.slice(0, 2).map(({ id }) => id))).toEqual(new Set(['2', '4']));
    expect(new Set(again.slice(2).map(({ id }) => id))).toEqual(new Set(['3', '1']));
    expect(new Set(again.map((event) => event.modelId))).toEqual(new Set([modelId]));
    expect(await ids()).toEqual(['1', '2', '3', '4']);
  });

  test('a worse model does not come to serve: no row is touched, and nothing is tried twice', async () => {
    await folder.pairs(3, 3);
    await folder.image('test/1.tif', 1);
    const compute = new FakeCompute();
    const first = await watch({ compute });
    const { modelId } = await first.recorder.next('train.done');
    await first.recorder.next('caught-up');
    const before = await csv();
    first.recorder.clear();
    compute.comparedAs.set(modelId, 1);
    await folder.pair('1_9', 9);
    expect(await first.recorder.next('model.kept')).toMatchObject({ modelId });
    await first.recorder.next('caught-up');
    expect(first.recorder.of('item.predicted')).toEqual([]);
    expect(await csv()).toEqual(before);
    await first.stop();

    const { recorder, compute: next } = await watch();
    await recorder.next('caught-up');
    expect(next.runs).toHaveLength(0);
    expect(recorder.of('item.predicted')).toEqual([]);
  });

  test('predicting again on request', async () => {
    await folder.image('test/1.tif', 1);
    const { recorder, pipeline } = await watchWithModel();
    await recorder.next('caught-up');
    pipeline.predictAgain();
    expect(await recorder.next('item.predicted')).toMatchObject({ reason: 'requested' });
    await recorder.next('caught-up');
  });

  test('stopping during a training ends it, the CSV is written and the run over', async () => {
    await folder.pairs(2, 3);
    const compute = new FakeCompute();
    compute.training.close();
    const { pipeline, outcome, recorder } = await watch({ compute });
    await compute.training.reached;
    await pipeline.stop();
    expect(await outcome).toBe('stopped');
    expect(compute.interrupts).toBe(1);
    expect(recorder.of('train.interrupted')).toHaveLength(1);
    const before = recorder.all.length;
    await folder.image('test/5.tif', 1);
    await new Promise(setImmediate);
    expect(recorder.all).toHaveLength(before);
  });

  test('stopping at once, before anything has been looked at', async () => {
    await folder.pairs(2, 3);
    const { pipeline, outcome } = await watch();
    await pipeline.stop();
    expect(await outcome).toBe('stopped');
  });

  test('a compute process that is away holds predictions back until it is there again', async () => {
    const { recorder, compute } = await watchWithModel();
    await recorder.next('caught-up');
    const ready = compute.health.value;
    compute.health.next({ state: 'restarting', attempt: 1, message: 'died' });
    await folder.image('test/1.tif', 1);
    expect(await recorder.next('caught-up')).toMatchObject({ pending: 1, predicted: 0 });
    compute.health.next(ready);
    await recorder.next('submission.written');
    expect(await ids()).toEqual(['1']);
  });

  test('a submission.csv or mask that somebody deletes or damages is brought back without predicting', async () => {
    for (let n = 1; n <= 3; n++) await folder.image(`test/${n}.tif`, n);
    const { recorder, compute, store } = await watchWithModel({
      timing: { storeCheckEveryMs: 20 },
    });
    await recorder.next('caught-up');
    const { submission, masks: masksFolder } = store.paths;
    const written = await readFile(submission, 'utf8');

    await rm(submission);
    await recorder.next('submission.written');
    expect(await readFile(submission, 'utf8')).toBe(written);
    await writeFile(submission, written.slice(0, 20));
    await recorder.next('submission.written');
    expect(await readFile(submission, 'utf8')).toBe(written);

    await rm(join(masksFolder, '2_mask.png'));
    await vi.waitFor(async () => expect(await masks()).toContain('2_mask.png'), 5000);
    await rm(masksFolder, { recursive: true });
    await vi.waitFor(async () => expect(await masks()).toHaveLength(3), 5000);
    expect(compute.predicted).toBe(3);
    expect(recorder.of('item.predicted')).toHaveLength(3);
  });

  test('a store that is moved away in use is told once, and once when it is back', async () => {
    await folder.image('test/1.tif', 1);
    const { recorder, store } = await watchWithModel({ timing: { storeCheckEveryMs: 20 } });
    await recorder.next('caught-up');
    const { cache } = store.paths;
    await rename(cache, `${cache}-away`);
    const gone = await recorder.next('notice');
    expect(gone).toMatchObject({ level: 'error', code: 'STORE_GONE' });
    expect(gone.message).toContain(cache);
    // Another one in its place is not the one that is written to.
    await mkdir(cache);
    await folder.image('test/2.tif', 2);
    await recorder.next('caught-up');
    await rmdir(cache);
    await rename(`${cache}-away`, cache);
    expect(await recorder.next('notice')).toMatchObject({ code: 'STORE_BACK' });
    expect(recorder.lines('notice')).toEqual(['notice STORE_GONE', 'notice STORE_BACK']);
  });

  test('a compute process that was given up is started again, later each time, until it works', async () => {
    const compute = new FakeCompute();
    compute.startFailures.push(new ComputeFailure('NO_BACKEND', 'no card'));
    const { recorder } = await watchWithModel({
      compute,
      timing: { firstRetryMs: 10, lastRetryMs: 1000 },
    });
    await recorder.next('caught-up');
    compute.health.next({ state: 'failed', code: 'COMPUTE_DIED', message: 'died' });
    await folder.image('test/1.tif', 1);
    await recorder.next('submission.written');
    expect(await ids()).toEqual(['1']);
    expect(compute.starts).toBe(2);
    expect(
      recorder
        .of('compute')
        .map(({ state }) => state)
        .slice(-3),
    ).toEqual(['failed', 'failed', 'ready']);
    expect(recorder.lines('notice').filter((line) => line.endsWith('COMPUTE_RETRY'))).toHaveLength(
      2,
    );
  });

  test('a training that failed for want of a compute process is tried again by itself', async () => {
    await folder.pairs(2, 3);
    const compute = new FakeCompute();
    compute.trainFailures.push(new ComputeFailure('COMPUTE_HUNG', 'hung'));
    compute.trainFailures.push(new ComputeFailure('CHECKPOINT_NOT_WRITTEN', 'disk full'));
    const timing = { firstRetryMs: 10, lastRetryMs: 1000 };
    const { recorder } = await watch({ compute, timing });
    await recorder.next('train.done');
    expect(recorder.of('train.failed').map(({ code }) => code)).toEqual([
      'COMPUTE_HUNG',
      'CHECKPOINT_NOT_WRITTEN',
    ]);
    expect(compute.runs).toHaveLength(3);
  });

  test('where the model cannot be loaded, the one before it predicts, with a line', async () => {
    await placeModel(modelsFolder(), fakeCard({ modelId: 'before' }));
    await placeModel(modelsFolder(), fakeCard({ modelId: 'corrupt' }));
    await folder.image('test/1.tif', 1);
    const compute = new FakeCompute();
    compute.serveFailures.push(new ComputeFailure('MODEL_UNREADABLE', 'weights.bin is damaged'));
    const { recorder } = await watch({ compute, flags: { retrain: 'manual' } });
    expect(await recorder.next('item.predicted')).toMatchObject({ modelId: 'before' });
    const notices = recorder.of('notice').filter(({ code }) => code !== 'TOO_FEW_PAIRS');
    expect(notices).toMatchObject([{ level: 'warning', code: 'MODEL_DAMAGED' }]);
    expect(notices[0]!.message).toMatch(/weights.bin is damaged.*the model before it serves/);
    await recorder.next('caught-up', ({ pending }) => pending === 0);
  });

  test('where no model is left, one is trained anew', async () => {
    await placeModel(modelsFolder(), fakeCard({ modelId: 'corrupt' }));
    await folder.pairs(2, 3);
    await folder.image('test/1.tif', 1);
    const compute = new FakeCompute();
    compute.serveFailures.push(new ComputeFailure('MODEL_UNREADABLE', 'weights.bin is damaged'));
    const { recorder } = await watch({ compute });
    const { modelId } = await recorder.next('train.done');
    expect(compute.runs[0]).not.toHaveProperty('startFrom');
    await recorder.next('caught-up', ({ pending }) => pending === 0);
    expect(recorder.of('item.predicted').at(-1)).toMatchObject({ modelId });
  });

  test('foreign files are counted while they are there', async () => {
    await folder.write('test/notes.txt', 'x');
    const { recorder } = await watchWithModel();
    await recorder.next('stages', ({ ignored }) => ignored === 1);
    await folder.write('test/.1.tif.tmp', 'x');
    await recorder.next('stages', ({ ignored }) => ignored === 2);
    await folder.remove('test/.1.tif.tmp');
    await recorder.next('stages', ({ ignored }) => ignored === 1);
  });
});
