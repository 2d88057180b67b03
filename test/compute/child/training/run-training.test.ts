// @module-tag long
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { memory } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { DeviceScheduler } from '../../../../src/compute/child/device-scheduler.js';
import { runTraining } from '../../../../src/compute/child/training/run-training.js';
import type { FinalReport } from '../../../../src/compute/child/training/training-under-way.js';
import type {
  BatchPass,
  BatchSource,
  TrainingRun,
  TrainReport,
} from '../../../../src/compute/compute.js';
import { loadWasmBackend } from '../../../../src/compute/wasm/load.js';
import { findResumable } from '../../../../src/store/checkpoints.js';
import { readCard } from '../../../../src/store/model-folder.js';
import { boxesFor, temporaryFolder, tinyRun } from '../../../support/tiny-run.js';

beforeAll(async () => {
  await loadWasmBackend(1);
});

interface Outcome {
  readonly reports: TrainReport[];
  readonly last: FinalReport;
}

/** `stopAt` gets every report and interrupts by answering true. */
async function train(
  run: TrainingRun,
  {
    source = boxesFor(run),
    stopAt = () => false,
    now = () => performance.now(),
    backend = 'wasm',
  }: {
    source?: BatchSource;
    stopAt?: (report: TrainReport) => boolean;
    now?: () => number;
    /** What it is told: decides what is done in which order. */
    backend?: 'wasm' | 'webgpu';
  } = {},
): Promise<Outcome> {
  const reports: TrainReport[] = [];
  const interrupt = new AbortController();
  const last = await runTraining(run, {
    scheduler: new DeviceScheduler(),
    pull: source,
    report: (report) => {
      reports.push(report);
      if (stopAt(report)) interrupt.abort();
    },
    interrupted: interrupt.signal,
    device: { backend, precision: 'float32' },
    now,
  });
  return { reports, last };
}

/** All that chance and arithmetic decide, none of what the clock does. */
function figures(reports: readonly TrainReport[]): unknown[] {
  return reports.filter(({ type }) => type !== 'interrupted').map(figuresOf);
}

function figuresOf(report: TrainReport): unknown {
  switch (report.type) {
    case 'step':
      return [report.epoch, report.step, report.loss, report.batchDice, report.learningRate];
    case 'epoch': {
      const { loss, trainDice, validationDice, validationImageDice, best, isBest } = report;
      return [loss, trainDice, validationDice, validationImageDice, best, isBest];
    }
    case 'done':
      return [report.model.modelId, report.best, report.bestEpoch];
    case 'interrupted':
      return null;
  }
}

const atStep = (epoch: number, step: number) => (report: TrainReport) =>
  report.type === 'step' && report.epoch === epoch && report.step === step;

describe('a training', () => {
  it('reports every step and epoch, then the best model', async () => {
    const models = temporaryFolder();
    const { reports, last } = await train(tinyRun(models));
    expect(reports.map(({ type }) => type)).toEqual([
      ...['step', 'step', 'step', 'epoch'],
      ...['step', 'step', 'step', 'epoch'],
      ...['step', 'step', 'step', 'epoch'],
      'done',
    ]);
    expect(reports[1]).toMatchObject({ epoch: 1, step: 2, steps: 3 });
    if (last.type !== 'done') throw new Error(last.type);
    const epochs = reports.filter((report) => report.type === 'epoch');
    const best = Math.max(...epochs.map((report) => report.validationDice!));
    expect(last.best).toBe(best);
    expect(last.model.metrics.validationDice).toBe(best);
    expect(last.model.epoch).toBe(last.bestEpoch);
    expect(await readCard(join(models, last.model.folder))).toEqual({
      status: 'found',
      value: last.model,
    });
  });

  it('weighs a partial last batch by its images', async () => {
    const run = tinyRun(temporaryFolder(), { epochs: 1 });
    const { reports } = await train(run);
    const losses = reports.flatMap((report) => (report.type === 'step' ? [report.loss] : []));
    const expected = (losses[0]! * 8 + losses[1]! * 8 + losses[2]! * 4) / 20;
    expect(reports[3]).toMatchObject({ type: 'epoch', loss: expect.closeTo(expected, 10) });
  });

  it('goes by the training Dice where nothing validates', async () => {
    const run = tinyRun(temporaryFolder(), { validationPairs: 0, epochs: 2 });
    const passes: BatchPass[] = [];
    const { reports } = await train(run, { source: boxesFor(run, (pass) => passes.push(pass)) });
    expect(passes.map(({ phase }) => phase)).toEqual(['train', 'train']);
    for (const report of reports) {
      if (report.type !== 'epoch') continue;
      expect(report).toMatchObject({ validationDice: null, validationImageDice: null });
      if (report.isBest) expect(report.best).toBe(report.trainDice);
    }
  });

  it('leaves nothing on the device', async () => {
    await train(tinyRun(temporaryFolder(), { epochs: 1 }));
    const before = memory().numTensors;
    await train(tinyRun(temporaryFolder(), { epochs: 1 }));
    expect(memory().numTensors).toBe(before);
  });

  it('can be ended once more when whoever asked died before hearing that it is done', async () => {
    const models = temporaryFolder();
    const run = tinyRun(models, { epochs: 3 });
    const first = await train(run);
    const resumable = await findResumable(models);
    expect(resumable).toMatchObject({ runId: run.runId, epoch: 3, step: 0 });
    const again = await train({ ...run, resumeFrom: resumable!.folder });
    const epochs = again.reports.filter((report) => report.type === 'epoch');
    expect(epochs.map(({ epoch }) => epoch)).toEqual([3]);
    const [ended, endedAgain] = [first.reports.at(-1)!, again.reports.at(-1)!];
    expect(endedAgain).toMatchObject({ type: 'done' });
    if (ended.type !== 'done' || endedAgain.type !== 'done') return;
    expect(endedAgain.best).toBeCloseTo(ended.best, 6);
    expect(endedAgain.bestEpoch).toBe(ended.bestEpoch);
  });
});

describe('what a training keeps on disk', () => {
  it('is a checkpoint every few minutes too, so that a crash costs no long epoch', async () => {
    let minutes = 0;
    const models = temporaryFolder();
    const found: unknown[] = [];
    const run = tinyRun(models, { epochs: 1 });
    await train(run, {
      // Every look at the clock is two minutes after the last.
      now: () => 120_000 * minutes++,
      source: async function* (pass) {
        for await (const batch of boxesFor(run)(pass)) {
          const resumable = await findResumable(models);
          found.push(resumable && [resumable.epoch, resumable.step]);
          yield batch;
        }
      },
    });
    expect(found[0]).toBeNull();
    expect(found.at(-1)).not.toBeNull();
  });
});

describe('a training that goes on from a model', () => {
  it('starts with its weights and says so on the card', async () => {
    const models = temporaryFolder();
    // Statistics of batch normalisation move with any learning rate.
    const plain = { ...tinyRun(models).recipe, blockNormalisation: 'none' } as const;
    const first = await train(tinyRun(models, { epochs: 6, recipe: plain }));
    if (first.last.type !== 'done') throw new Error(first.last.type);
    const { modelId, folder, metrics } = first.last.model;
    const startFrom = { modelId, folder: join(models, folder) };
    // So slow a learner that its first epoch shows what it started with.
    const recipe = { ...plain, learningRate: 1e-9 };
    const run = tinyRun(models, { runId: 'second', epochs: 1, startFrom, recipe });
    const second = await train(run);
    if (second.last.type !== 'done') throw new Error(second.last.type);
    expect(second.last.best).toBeCloseTo(metrics.validationDice!, 5);
    expect(second.last.model).toMatchObject({ runId: 'second', startedFrom: modelId });
    const anew = await train(tinyRun(models, { runId: 'third', epochs: 1, recipe }));
    if (anew.last.type !== 'done') throw new Error(anew.last.type);
    expect(Math.abs(anew.last.best - metrics.validationDice!)).toBeGreaterThan(0.001);
  });

  it('leaves nothing on the device, and learns', async () => {
    const models = temporaryFolder();
    const { last } = await train(tinyRun(models, { epochs: 1 }));
    if (last.type !== 'done') throw new Error(last.type);
    const startFrom = { modelId: last.model.modelId, folder: join(models, last.model.folder) };
    const before = memory().numTensors;
    const { reports } = await train(tinyRun(models, { runId: 'second', startFrom }));
    expect(memory().numTensors).toBe(before);
    const losses = reports.flatMap((report) => (report.type === 'epoch' ? [report.loss] : []));
    expect(losses.at(-1)).toBeLessThan(losses[0]!);
  });

  it('refuses the weights of another network, and a folder that cannot be read', async () => {
    const models = temporaryFolder();
    const { last } = await train(tinyRun(models, { epochs: 1 }));
    if (last.type !== 'done') throw new Error(last.type);
    const before = memory().numTensors;
    const folder = join(models, last.model.folder);
    const startFrom = { modelId: 'm', folder };
    const recipe = { ...tinyRun(models).recipe, filters: 4 };
    const refused = { code: 'START_UNUSABLE', message: expect.stringContaining('another network') };
    await expect(train(tinyRun(models, { startFrom, recipe }))).rejects.toMatchObject(refused);
    writeFileSync(join(folder, 'weights.bin'), 'no weights');
    await expect(train(tinyRun(models, { startFrom }))).rejects.toMatchObject({
      code: 'START_UNUSABLE',
      message: expect.stringContaining('weights.bin'),
    });
    expect(memory().numTensors).toBe(before);
  });
});

describe('early stopping', () => {
  it('ends when so many epochs brought nothing better', async () => {
    const { recipe: tiny } = tinyRun(temporaryFolder());
    // No weight moves: the first epoch is as good as any.
    const recipe = {
      ...tiny,
      blockNormalisation: 'none',
      learningRate: 1e-30,
      patience: 2,
    } as const;
    const { reports, last } = await train(tinyRun(temporaryFolder(), { recipe, epochs: 9 }));
    expect(reports.filter(({ type }) => type === 'epoch')).toHaveLength(3);
    expect(last).toMatchObject({ type: 'done', bestEpoch: 1 });
  });
});

describe('averaged weights', () => {
  it('are what is validated and saved', async () => {
    const models = temporaryFolder();
    const { recipe: tiny } = tinyRun(models);
    const recipe = { ...tiny, weightAverage: 0.999 };
    const averaged = await train(tinyRun(models, { recipe }));
    const plain = await train(tinyRun(temporaryFolder()));
    const [last, other] = [averaged.last, plain.last];
    if (last.type !== 'done' || other.type !== 'done') throw new Error('not done');
    // The same steps, another validation.
    const steps = ({ reports }: Outcome) => figures(reports.filter(({ type }) => type === 'step'));
    expect(steps(averaged)).toEqual(steps(plain));
    expect(last.best).not.toBe(other.best);
    expect(last.model.modelId).not.toBe(other.model.modelId);
  });
});

describe('the same seed and data', () => {
  it('give the same losses, bit for bit', async () => {
    const first = await train(tinyRun(temporaryFolder()));
    const second = await train(tinyRun(temporaryFolder()));
    expect(figures(second.reports)).toEqual(figures(first.reports));
  });

  it('give others with another seed', async () => {
    const first = await train(tinyRun(temporaryFolder(), { epochs: 1 }));
    const second = await train(tinyRun(temporaryFolder(), { epochs: 1, seed: 6 }));
    expect(figures(second.reports)).not.toEqual(figures(first.reports));
  });
});

describe('an interrupted training', () => {
  it.each([
    ['in the middle of an epoch', atStep(2, 1)],
    ['after the last step of an epoch', atStep(2, 3)],
    ['between two epochs', (report: TrainReport) => report.type === 'epoch' && report.epoch === 1],
  ])('goes on %s as if nothing had happened', async (_, stopAt) => {
    const through = await train(tinyRun(temporaryFolder()));

    const models = temporaryFolder();
    const run = tinyRun(models);
    const before = await train(run, { stopAt });
    expect(before.last.type).toBe('interrupted');
    const resumable = await findResumable(models);
    expect(resumable).toMatchObject({ runId: 'run', epochs: 3, seed: 5, dataFingerprint: 'data' });
    expect(before.last).toMatchObject({ checkpoint: resumable!.folder });
    const after = await train({ ...run, resumeFrom: resumable!.folder });
    expect(figures([...before.reports, ...after.reports])).toEqual(figures(through.reports));
  });

  it('goes on exactly with averaged weights and every kind of augmentation too', async () => {
    const changes = {
      shift: 0.1,
      scale: 0.2,
      rotation: 20,
      brightness: 0.1,
      contrast: 0.2,
      speckle: 0.1,
      blur: 0.5,
    };
    const { recipe: tiny } = tinyRun(temporaryFolder());
    const augmentation = { ...tiny.augmentation, flipVertical: true, ...changes };
    const recipe = { ...tiny, weightAverage: 0.9, augmentation };
    const through = await train(tinyRun(temporaryFolder(), { recipe }));
    const run = tinyRun(temporaryFolder(), { recipe });
    const before = await train(run, { stopAt: atStep(2, 2) });
    if (before.last.type !== 'interrupted') throw new Error(before.last.type);
    const after = await train({ ...run, resumeFrom: before.last.checkpoint! });
    expect(figures([...before.reports, ...after.reports])).toEqual(figures(through.reports));
  });

  it('pulls only what is left of the epoch', async () => {
    const run = tinyRun(temporaryFolder());
    const { last } = await train(run, { stopAt: atStep(2, 1) });
    if (last.type !== 'interrupted') throw new Error(last.type);
    const passes: BatchPass[] = [];
    const resumed = { ...run, resumeFrom: last.checkpoint! };
    await train(resumed, { source: boxesFor(run, (pass) => passes.push(pass)) });
    expect(passes[0]).toEqual({ phase: 'train', epoch: 2, firstStep: 1 });
  });

  it('starts its epoch again, from the weights it had, when the data is other', async () => {
    const run = tinyRun(temporaryFolder());
    const { last } = await train(run, { stopAt: atStep(2, 2) });
    if (last.type !== 'interrupted') throw new Error(last.type);
    const passes: BatchPass[] = [];
    await train(
      { ...run, dataFingerprint: 'other', resumeFrom: last.checkpoint! },
      { source: boxesFor(run, (pass) => passes.push(pass)) },
    );
    expect(passes[0]).toEqual({ phase: 'train', epoch: 2, firstStep: 0 });
  });

  it('goes on from the checkpoint before a damaged one, and says so', async () => {
    const through = await train(tinyRun(temporaryFolder()));
    const models = temporaryFolder();
    const run = tinyRun(models);
    const { last } = await train(run, { stopAt: atStep(3, 1) });
    if (last.type !== 'interrupted') throw new Error(last.type);
    writeFileSync(join(last.checkpoint!, 'optimizer.bin'), 'no moments');
    const after = await train({ ...run, resumeFrom: last.checkpoint! });
    const [said, ...done] = after.reports;
    expect(said).toEqual({ type: 'fell-back', why: expect.stringMatching(/optimizer\.bin/) });
    expect(done[0]).toMatchObject({ epoch: 3, step: 1 });
    expect(figures(done)).toEqual(figures(through.reports.slice(-5)));
  });

  it('cannot go on as another network', async () => {
    const run = tinyRun(temporaryFolder());
    const { last } = await train(run, { stopAt: atStep(1, 1) });
    if (last.type !== 'interrupted') throw new Error(last.type);
    const wider = { ...run, recipe: { ...run.recipe, filters: 4 }, resumeFrom: last.checkpoint! };
    await expect(train(wider)).rejects.toMatchObject({ code: 'MODEL_UNREADABLE' });
  });

  it('has nothing to go on from before its first step', async () => {
    const run = tinyRun(temporaryFolder());
    const interrupt = new AbortController();
    interrupt.abort();
    const last = await runTraining(run, {
      scheduler: new DeviceScheduler(),
      pull: async function* () {},
      report: () => {},
      interrupted: interrupt.signal,
      device: { backend: 'wasm', precision: 'float32' },
      now: () => performance.now(),
    });
    expect(last).toEqual({ type: 'interrupted', epoch: 1, step: 0, checkpoint: null });
  });
});

describe('a training on a backend that works while the next step is being prepared', () => {
  it('takes up the next batch before the step before is told, and tells the same', async () => {
    const expected = await train(tinyRun(temporaryFolder()));
    const order: string[] = [];
    const run = tinyRun(temporaryFolder());
    const actual = await train(run, {
      backend: 'webgpu',
      source: async function* (pass) {
        let step = 0;
        for await (const batch of boxesFor(run)(pass)) {
          if (pass.phase === 'train' && pass.epoch === 1) order.push(`batch ${++step}`);
          yield batch;
        }
      },
      stopAt: (report) => {
        if (report.type === 'step' && report.epoch === 1) order.push(`step ${report.step}`);
        if (report.type === 'epoch' && report.epoch === 1) order.push('epoch');
        return false;
      },
    });
    expect(figures(actual.reports)).toEqual(figures(expected.reports));
    expect(order).toEqual([
      ...['batch 1', 'batch 2', 'step 1', 'batch 3', 'step 2', 'step 3', 'epoch'],
    ]);
  });

  it.each([
    ['in the middle of an epoch', atStep(2, 1)],
    ['at the last step but one', atStep(2, 2)],
    ['after the last step of an epoch', atStep(2, 3)],
  ])('is interrupted %s with every step that it has begun', async (_, stopAt) => {
    const through = await train(tinyRun(temporaryFolder()));
    const run = tinyRun(temporaryFolder());
    const before = await train(run, { backend: 'webgpu', stopAt });
    if (before.last.type !== 'interrupted') throw new Error(before.last.type);
    const resumed = { ...run, resumeFrom: before.last.checkpoint! };
    const after = await train(resumed, { backend: 'webgpu' });
    expect(figures([...before.reports, ...after.reports])).toEqual(figures(through.reports));
  });

  it('keeps no step out of a checkpoint within an epoch', async () => {
    let minutes = 0;
    const models = temporaryFolder();
    const run = tinyRun(models, { epochs: 1 });
    const source: BatchSource = async function* (pass) {
      for await (const batch of boxesFor(run)(pass)) yield batch;
      // Killed here: the checkpoint is of the last step, and the epoch goes on with what is left: nothing.
      if (pass.phase === 'train') throw new Error('killed');
    };
    const died = train(run, { backend: 'webgpu', source, now: () => 120_000 * minutes++ });
    await expect(died).rejects.toThrow('killed');
    const resumable = await findResumable(models);
    expect(resumable).toMatchObject({ epoch: 1, step: 3 });
    const after = await train({ ...run, resumeFrom: resumable!.folder });
    const through = await train(tinyRun(temporaryFolder(), { epochs: 1 }));
    expect(figures(after.reports)).toEqual(figures(through.reports.slice(3)));
  });

  it('saves no model of a last step whose loss is no number', async () => {
    const { recipe: tiny } = tinyRun('');
    // Every step makes the next one's weights infinite, and its loss no number.
    const recipe = { ...tiny, learningRate: 1e38, schedule: { kind: 'constant' } } as const;
    const models = temporaryFolder();
    const run = tinyRun(models, { recipe, pairs: 16, validationPairs: 0 });
    const reports: TrainReport[] = [];
    const training = train(run, {
      backend: 'webgpu',
      stopAt: (report) => {
        reports.push(report);
        return false;
      },
    });
    await expect(training).rejects.toMatchObject({
      code: 'LOSS_NOT_FINITE',
      message: expect.stringContaining('step 2'),
    });
    expect(reports.map(({ type }) => type)).toEqual(['step']);
    expect(readdirSync(models)).toEqual([]);
  });
});

describe('what can go wrong', () => {
  it('stops at a loss that is no number', async () => {
    const recipe = { ...tinyRun('').recipe, imageNormalisation: 'data-set' } as const;
    const normalisation = { mean: Number.NaN, std: 1 };
    const run = tinyRun(temporaryFolder(), { recipe, normalisation });
    await expect(train(run)).rejects.toMatchObject({ code: 'LOSS_NOT_FINITE' });
  });

  it('says so when an epoch brings no image', async () => {
    const run = tinyRun(temporaryFolder());
    await expect(train(run, { source: async function* () {} })).rejects.toMatchObject({
      code: 'LOSS_NOT_FINITE',
      message: expect.stringContaining('no image'),
    });
  });

  it('says so when a model cannot be saved', async () => {
    const notAFolder = join(temporaryFolder(), 'file');
    writeFileSync(notAFolder, '');
    await expect(train(tinyRun(notAFolder))).rejects.toMatchObject({
      code: 'CHECKPOINT_NOT_WRITTEN',
    });
  });

  it('stops cleanly even where the checkpoint cannot be saved', async () => {
    const notAFolder = join(temporaryFolder(), 'file');
    writeFileSync(notAFolder, '');
    const { last } = await train(tinyRun(notAFolder), { stopAt: atStep(1, 2) });
    expect(last).toEqual({ type: 'interrupted', epoch: 1, step: 2, checkpoint: null });
  });
});
