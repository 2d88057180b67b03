import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { saveModel } from '../../src/store/model-folder.js';
import { ModelRegistry } from '../../src/store/model-registry.js';
import { FakeCompute, fakeCard, placeModel } from '../support/fake-compute.js';
import { RawFolder } from '../support/raw-folder.js';
import { RunningPipeline, runOnce } from '../support/running-pipeline.js';

let folder: RawFolder;
let running: RunningPipeline | null;

beforeEach(async () => {
  folder = await RawFolder.make();
  running = null;
});
afterEach(async () => {
  await running?.stop();
  await folder.delete();
});

const modelsFolder = () => join(folder.store, 'models');
const csv = () => readFile(join(folder.store, 'submission.csv'), 'utf8');
const currentId = async () => (await new ModelRegistry(modelsFolder()).currentCard())?.modelId;
const noWeights = { topology: {}, weightSpecs: [], weights: new Uint8Array() };

/** Two models, of which `b` predicts. */
async function startWithTwo(images: number, retrain = 'never'): Promise<RunningPipeline> {
  for (let n = 1; n <= images; n++) await folder.image(`test/${n}.tif`, n);
  await placeModel(modelsFolder(), fakeCard({ modelId: 'a' }));
  await placeModel(modelsFolder(), fakeCard({ modelId: 'b' }));
  running = await RunningPipeline.start(folder, 'watch', { flags: { retrain } });
  return running;
}

test('predictions follow to the older model and back, each row as it was with it', async () => {
  const { pipeline, recorder, caughtUp } = bound(await startWithTwo(9));
  await caughtUp();
  const withB = await csv();
  recorder.clear();
  expect(await pipeline.changeModel({ verb: 'use', model: 'a' })).toEqual({
    ok: true,
    value: { type: 'model.used', modelId: 'a', previous: 'b' },
  });
  await caughtUp();
  expect(recorder.lines('model.used', 'model.serving')).toEqual(['model.used', 'model.serving']);
  expect(recorder.of('item.predicted').map(({ modelId, reason }) => [modelId, reason])).toEqual(
    Array.from({ length: 9 }, () => ['a', 'model-changed']),
  );
  expect(await csv()).not.toBe(withB);
  await pipeline.changeModel({ verb: 'use', model: 'b' });
  await caughtUp();
  expect(await csv()).toBe(withB);
});

test('a batch in hand is finished by the model that it began with', async () => {
  const { pipeline, recorder, compute, caughtUp } = bound(await startWithTwo(3));
  await caughtUp();
  compute.prediction.close();
  const { reached } = compute.prediction;
  pipeline.predictAgain();
  await reached;
  await pipeline.changeModel({ verb: 'use', model: 'a' });
  expect(compute.served).toEqual(['b']);
  recorder.clear();
  compute.prediction.open();
  await caughtUp();
  expect(compute.served).toEqual(['b', 'a']);
  const last = new Map(recorder.of('item.predicted').map(({ id, modelId }) => [id, modelId]));
  expect([...last.values()]).toEqual(['a', 'a', 'a']);
});

test('what the program does not predict with, or cannot, it does not use', async () => {
  const { pipeline, caughtUp } = bound(await startWithTwo(1));
  await caughtUp();
  const card = { ...fakeCard({ modelId: 'wide' }), size: { height: 64, width: 80 } };
  await saveModel(modelsFolder(), card, noWeights);
  const refused = await pipeline.changeModel({ verb: 'use', model: 'wide' });
  expect(refused).toMatchObject({ failure: { code: 'MODEL_OF_OTHER_SIZE' } });
  expect(await currentId()).toBe('b');
});

describe('beside a training', () => {
  test('the model that it began with stays', async () => {
    await folder.pairs(3, 3);
    const { outcome } = await runOnce(folder);
    expect(outcome).toBe('done');
    const first = await currentId();
    await placeModel(modelsFolder(), fakeCard({ modelId: 'other' }));
    const registry = new ModelRegistry(modelsFolder());
    await registry.use({ folder: `model-${first}` });
    const compute = new FakeCompute();
    compute.training.close();
    const { reached } = compute.training;
    running = await RunningPipeline.start(folder, 'watch', {
      compute,
      flags: { retrain: 'manual' },
    });
    await running.caughtUp();
    running.pipeline.trainNow();
    await reached;
    expect(running.recorder.of('train.started')).toMatchObject([{ startedFrom: first }]);
    await running.pipeline.changeModel({ verb: 'use', model: 'other' });
    const remove = { verb: 'remove', model: first! } as const;
    expect(await running.pipeline.changeModel(remove)).toMatchObject({
      failure: { code: 'MODEL_NEEDED' },
    });
    compute.training.open();
    await running.recorder.next('train.done');
    expect(await running.pipeline.changeModel(remove)).toMatchObject({
      failure: { code: 'MODEL_NOT_FOUND' },
    });
  });

  test('whoever asks while the new model is compared has the last word', async () => {
    await folder.pairs(5, 3);
    for (let n = 1; n <= 3; n++) await folder.image(`test/${n}.tif`, n);
    await runOnce(folder);
    const first = (await currentId())!;
    const compute = new FakeCompute();
    running = await RunningPipeline.start(folder, 'watch', {
      compute,
      flags: { retrain: 'manual' },
    });
    await running.caughtUp();
    const { pipeline, recorder } = running;
    const used = new Promise((resolve) => {
      compute.comparing.subscribe(() =>
        resolve(pipeline.changeModel({ verb: 'use', model: first })),
      );
    });
    pipeline.trainNow();
    expect(await used).toMatchObject({ value: { modelId: first } });
    const order = recorder.lines('train.done', 'model.promoted', 'model.kept', 'model.used');
    expect(order.at(-1)).toBe('model.used');
    expect(order[0]).toBe('train.done');
    expect(await currentId()).toBe(first);
    await recorder.next('caught-up');
    expect(compute.served.at(-1)).toBe(first);
  });

  test('the data that the model that was left learnt from is not trained on again', async () => {
    await folder.pairs(3, 3);
    await runOnce(folder);
    const first = (await currentId())!;
    await folder.pairs(4, 3);
    await runOnce(folder);
    const second = (await currentId())!;
    expect(second).not.toBe(first);
    running = await RunningPipeline.start(folder, 'watch');
    await running.caughtUp();
    await running.pipeline.changeModel({ verb: 'use', model: first });
    await running.stop();
    running = null;
    const again = await runOnce(folder);
    expect(again.compute.runs).toHaveLength(0);
    expect(await currentId()).toBe(first);
    await folder.pairs(5, 3);
    const { compute } = await runOnce(folder);
    expect(compute.runs).toHaveLength(1);
  });
});

function bound(pipeline: RunningPipeline) {
  const { recorder, compute } = pipeline;
  return { pipeline: pipeline.pipeline, recorder, compute, caughtUp: () => pipeline.caughtUp() };
}
