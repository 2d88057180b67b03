import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filter, firstValueFrom, lastValueFrom, tap } from 'rxjs';
import type { BatchSource, Compute, PairBatch, TrainingRun } from '../compute/compute.js';
import type { ModelCard } from '../model/card.js';
import { randomFrom } from '../operators/seeded-random.js';
import type { Settings } from '../settings/options.js';
import { recipeOf } from '../settings/recipe-of-settings.js';
import { type Spread, spreadOf } from './spread.js';

/** What `bench train` and `bench predict` print. */
export interface ComputeFigures {
  readonly imagesPerSecond: Spread;
  readonly stepMs: Spread;
  readonly peakRssMB: number;
  readonly backend: string;
  readonly precision: string;
  readonly threads: number;
  readonly size: string;
  readonly batchSize: number;
}

export interface BenchSettings
  extends Pick<Settings, 'recipe' | 'recipes' | 'size' | 'seed' | 'learningRate' | 'cleaning'> {
  readonly batchSize: number;
}

/** Steps that are not counted: kernels are built and memory is got in them. */
const warmUpSteps = 3;
const leastSteps = 5;
const mostSteps = 40;
/** Enough for a median, short enough to be run often. */
const measureMs = 20_000;
const batchesAtOnce = 2;

/** Training steps on random images from memory, through the same compute process as always. */
export async function benchTrain(
  compute: Compute,
  settings: BenchSettings,
): Promise<ComputeFigures> {
  return await inTemporaryFolder(async (folder) => {
    const stepMs: number[] = [];
    await train(compute, settings, folder, mostSteps + warmUpSteps, (ms) => stepMs.push(ms));
    return await figures(compute, settings, stepMs.slice(warmUpSteps));
  });
}

/** Predictions of random images, two batches under way at a time as in the pipeline. */
export async function benchPredict(
  compute: Compute,
  settings: BenchSettings,
): Promise<ComputeFigures> {
  return await inTemporaryFolder(async (folder) => {
    const card = await train(compute, settings, folder, 1, () => {});
    await compute.serve(join(folder, card.folder));
    const batch = randomBatch(settings);
    const stepMs: number[] = [];
    const until = performance.now() + measureMs;
    let last = performance.now();
    let steps = 0;
    const worker = async () => {
      while (steps < warmUpSteps + leastSteps || performance.now() < until) {
        if (steps >= mostSteps * 4) return;
        await compute.predict(batch);
        const now = performance.now();
        if (steps++ >= warmUpSteps) stepMs.push(now - last);
        last = now;
      }
    };
    await Promise.all(Array.from({ length: batchesAtOnce }, worker));
    return await figures(compute, settings, stepMs);
  });
}

async function train(
  compute: Compute,
  settings: BenchSettings,
  modelsFolder: string,
  steps: number,
  onStep: (ms: number) => void,
): Promise<ModelCard> {
  const { size, batchSize, seed } = settings;
  const run: TrainingRun = {
    runId: 'bench',
    recipe: recipeOf(settings),
    size,
    batchSize,
    epochs: 1,
    seed,
    normalisation: { mean: 0.5, std: 0.29 },
    pairs: steps * batchSize,
    validationPairs: 0,
    dataFingerprint: 'random',
    fold: { index: 0, count: 2, validationSubjects: [] },
    modelsFolder,
  };
  const batch = randomBatch(settings);
  const until = performance.now() + measureMs;
  let done = 0;
  const source: BatchSource = async function* (pass) {
    if (pass.phase === 'validate') return;
    for (let step = 0; step < steps; step++) {
      // A slow backend ends early; what is under way then is the last that counts.
      if (done >= leastSteps + warmUpSteps && performance.now() > until) return;
      yield batch;
    }
  };
  let last = performance.now();
  const reports$ = compute.train(run, source).pipe(
    tap((report) => {
      if (report.type !== 'step') return;
      const now = performance.now();
      done++;
      onStep(now - last);
      last = now;
    }),
    filter((report) => report.type === 'done'),
  );
  return (await lastValueFrom(reports$)).model;
}

function randomBatch({ size, batchSize, seed }: BenchSettings): PairBatch {
  const random = randomFrom(seed, 'bench');
  const length = batchSize * size.height * size.width;
  return {
    count: batchSize,
    images: Uint8Array.from({ length }, () => random() * 256),
    masks: Uint8Array.from({ length }, () => (random() < 0.1 ? 1 : 0)),
  };
}

async function figures(
  compute: Compute,
  { size, batchSize }: BenchSettings,
  stepMs: readonly number[],
): Promise<ComputeFigures> {
  const { backend, precision, threads } = await compute.start();
  const peakRss = await peakRssOf(compute);
  return {
    imagesPerSecond: spreadOf(stepMs.map((ms) => (1000 * batchSize) / ms)),
    stepMs: spreadOf(stepMs),
    peakRssMB: Math.round(peakRss / 2 ** 20),
    backend,
    precision,
    threads,
    size: `${size.height}x${size.width}`,
    batchSize,
  };
}

/** The compute process's own peak, in bytes, as it reported it last. */
async function peakRssOf(compute: Compute): Promise<number> {
  const memory = compute.health$.pipe(filter((health) => health.state === 'memory'));
  return (await firstValueFrom(memory)).peakRss;
}

async function inTemporaryFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'nerveflow-bench-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
