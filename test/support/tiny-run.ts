import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { DeviceScheduler } from '../../src/compute/child/device-scheduler.js';
import { runTraining } from '../../src/compute/child/training/run-training.js';
import type { BatchPass, BatchSource, PairBatch, TrainingRun } from '../../src/compute/compute.js';
import { recipes } from '../../src/model/recipe.js';
import { brightBoxes } from './bright-boxes.js';
import { removeFolder } from './temporary-folder.js';

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'nerveflow-'));
  onTestFinished(() => removeFolder(folder));
  return folder;
}

/** A training of seconds: 20 pairs in batches of 8, 3 epochs of 3 steps, a network of 30,000 weights that learns. */
export function tinyRun(modelsFolder: string, changes: Partial<TrainingRun> = {}): TrainingRun {
  return {
    runId: 'run',
    recipe: { ...recipes.fast, filters: 2, learningRate: 1e-2 },
    size: { height: 16, width: 16 },
    batchSize: 8,
    epochs: 3,
    seed: 5,
    normalisation: { mean: 0.4, std: 0.25 },
    pairs: 20,
    validationPairs: 6,
    dataFingerprint: 'data',
    fold: { index: 0, count: 5, validationSubjects: [3] },
    modelsFolder,
    ...changes,
  };
}

/** Bright boxes for a run; the same ones for the same pass. */
export function boxesFor(
  run: TrainingRun,
  asked: (pass: BatchPass) => void = () => {},
): BatchSource {
  return async function* (pass) {
    asked(pass);
    if (pass.phase === 'validate') {
      yield batch(run, run.validationPairs, 'validation');
      return;
    }
    const steps = Math.ceil(run.pairs / run.batchSize);
    for (let step = pass.firstStep; step < steps; step++) {
      const count = Math.min(run.batchSize, run.pairs - step * run.batchSize);
      yield batch(run, count, `${pass.epoch}/${step}`);
    }
  };
}

function batch(run: TrainingRun, count: number, name: string): PairBatch {
  const seed = [...name].reduce((hash, letter) => hash * 31 + letter.charCodeAt(0), 7);
  return brightBoxes(count, run.size, seed);
}

/** Trains a run to its end on wasm; the folder of its model. */
export async function trainedModel(run: TrainingRun): Promise<string> {
  const last = await runTraining(run, {
    scheduler: new DeviceScheduler(),
    pull: boxesFor(run),
    report: () => {},
    interrupted: new AbortController().signal,
    device: { backend: 'wasm', precision: 'float32' },
    now: () => performance.now(),
  });
  if (last.type !== 'done') throw new Error(last.type);
  return join(run.modelsFolder, last.model.folder);
}
