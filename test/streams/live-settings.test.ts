import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { recipes } from '../../src/model/recipe.js';
import type { Settings } from '../../src/settings/options.js';
import { FakeCompute } from './fake-compute.js';
import { RawFolder } from './raw-folder.js';
import { type PipelineSetup, RunningPipeline } from './running-pipeline.js';
import { testSettings } from './test-settings.js';

let folder: RawFolder;
let running: RunningPipeline;

beforeEach(async () => {
  folder = await RawFolder.make();
  await folder.pairs(2, 4);
  await folder.image('test/1.tif', 1);
  await folder.image('test/2.tif', 2);
});

afterEach(async () => {
  await running.stop();
  await folder.delete();
});

/** Running, trained and caught up. */
async function start(setup: PipelineSetup = {}): Promise<FakeCompute> {
  const compute = setup.compute ?? new FakeCompute();
  running = await RunningPipeline.start(folder, 'watch', { ...setup, compute });
  await running.caughtUp();
  running.recorder.clear();
  return compute;
}

function use(changed: Partial<Record<keyof Settings, unknown>>): void {
  running.pipeline.use(testSettings(folder, changed));
}

const lines = () => running.recorder.lines('train.started', 'item.ingested', 'item.predicted');

describe('another recipe', () => {
  test('is a training with the reason, and new predictions; nothing is read again', async () => {
    const compute = await start();
    use({ recipe: 'fast' });
    await running.caughtUp();
    expect(lines()[0]).toBe('train.started settings-changed');
    expect(lines().slice(1).sort()).toEqual([
      'item.predicted 1 model-changed',
      'item.predicted 2 model-changed',
    ]);
    expect(compute.runs.map(({ recipe }) => recipe.name)).toEqual(['default', 'fast']);
  });

  test('waits for a training in hand, which goes on with its own', async () => {
    const compute = await start();
    compute.training.close();
    running.pipeline.trainNow();
    await running.recorder.next('train.started');
    use({ recipe: 'fast', epochs: 3 });
    compute.training.open();
    const { reason, epochs, recipe } = await running.recorder.next(
      'train.started',
      (event) => event.recipe === 'fast',
    );
    expect({ reason, epochs, recipe }).toEqual({
      reason: 'settings-changed',
      epochs: 3,
      recipe: 'fast',
    });
    await running.caughtUp();
    expect(compute.runs.map((run) => `${run.recipe.name} ${run.epochs}`)).toEqual([
      'default 2',
      // Half the epochs: it goes on from the first.
      'default 1',
      'fast 3',
    ]);
    expect(running.recorder.of('train.done')).toHaveLength(2);
  });

  test('is trained by hand alone where that is the policy', async () => {
    const compute = await start({ flags: { retrain: 'manual' } });
    expect(compute.runs).toEqual([]);
    use({ retrain: 'manual', recipe: 'fast' });
    running.pipeline.trainNow();
    expect(await running.recorder.next('train.started')).toMatchObject({
      reason: 'requested',
      recipe: 'fast',
    });
    await running.caughtUp();
    expect(compute.runs).toHaveLength(1);
  });
});

test('another policy decides at once on what has changed before', async () => {
  await start({ flags: { retrain: 'never' } });
  use({ retrain: 'auto' });
  expect(await running.recorder.next('train.started')).toMatchObject({ reason: 'no-model' });
  await running.caughtUp();
});

test('epochs and learning rate are for the next training, and no reason for one', async () => {
  const compute = await start();
  use({ epochs: 1, learningRate: 0.25 });
  running.pipeline.trainNow();
  expect(await running.recorder.next('train.started')).toMatchObject({
    reason: 'requested',
    epochs: 1,
  });
  await running.caughtUp();
  const rates = compute.runs.map(({ recipe }) => recipe.learningRate);
  expect(rates).toEqual([recipes.default.learningRate, 0.25]);
});

test('a training that failed is tried again with other settings', async () => {
  const compute = new FakeCompute();
  compute.trainFailure = new Error('no');
  await start({ compute });
  compute.trainFailure = null;
  use({ learningRate: 0.001 });
  expect(await running.recorder.next('train.started')).toMatchObject({ reason: 'no-model' });
  await running.caughtUp();
});

describe('other post-processing', () => {
  const threshold = { postProcessing: { threshold: 0.1 } };
  const rows = async () => {
    const { cache, predictions } = running.store.catalog;
    const held = await cache.readPredictions([...predictions.keys()]);
    return held.map((row) => {
      const { id, rle, postprocessing } = row!;
      return { id, rle, postprocessing };
    });
  };

  test('is every prediction redone with the reason, and no training', async () => {
    const compute = await start();
    const before = await rows();
    use(threshold);
    await running.caughtUp();
    expect(lines().sort()).toEqual([
      'item.predicted 1 settings-changed',
      'item.predicted 2 settings-changed',
    ]);
    expect(compute.runs).toHaveLength(1);
    expect((await rows()).map(({ rle }) => rle)).not.toEqual(before.map(({ rle }) => rle));
    use({});
    await running.caughtUp();
    expect(await rows()).toEqual(before);
  });

  test('leaves nothing of what was on its way', async () => {
    const compute = await start();
    compute.prediction.close();
    running.pipeline.predictAgain();
    await compute.prediction.reached;
    use(threshold);
    compute.prediction.open();
    await running.caughtUp();
    expect(new Set((await rows()).map(({ postprocessing }) => postprocessing))).toEqual(
      new Set(['threshold 0.1:v1']),
    );
  });

  test('holds for the next model too', async () => {
    await start();
    use({ ...threshold, recipe: 'fast' });
    await running.recorder.next('train.done');
    await running.caughtUp();
    expect(
      (await rows()).every(({ postprocessing }) => postprocessing.startsWith('threshold 0.1')),
    ).toBe(true);
  });
});

test('another settle time counts for files to come, and starts nothing', async () => {
  const compute = await start();
  use({ settle: 30 });
  await folder.image('test/3.tif', 3);
  await running.caughtUp();
  expect(lines()).toEqual(['item.ingested 3 new', 'item.predicted 3 new']);
  expect(compute.runs).toHaveLength(1);
});
