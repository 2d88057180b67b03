import { dispose } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { Adam } from '../../model/adam.js';
import type { ModelCard } from '../../model/card.js';
import { maskTensor, normalisedTensor } from '../../model/normalise.js';
import { learningRateAt } from '../../model/schedule.js';
import { fromModelFiles, toModelFiles } from '../../model/serialise.js';
import { type StepResult, trainableVariables, trainingStep } from '../../model/training-step.js';
import { buildUNet, logitsOf } from '../../model/unet.js';
import { WeightAverage } from '../../model/weight-average.js';
import { saveCheckpoint, type TrainingPosition } from '../../store/checkpoints.js';
import { pruneRun, saveModel } from '../../store/models.js';
import {
  type BatchPass,
  ComputeFailure,
  type PairBatch,
  type TrainingRun,
  type TrainReport,
} from '../compute.js';
import { augmentBatch } from './augment-batch.js';
import type { DeviceScheduler } from './device-scheduler.js';
import { makeCard } from './model-card.js';
import { RateMeter } from './rate-meter.js';
import { continuedPosition, firstPosition, readResumable } from './resume.js';
import { takeWeightsOf } from './start-weights.js';
import { Validation } from './validation.js';
import { type ValidationSample, ValidationSamples } from './validation-samples.js';

export type FinalReport = Extract<TrainReport, { type: 'done' | 'interrupted' }>;

export interface TrainingContext {
  readonly scheduler: DeviceScheduler;
  /** One pass over the data; ends early when `interrupted` fires. */
  pull(pass: BatchPass): AsyncIterable<PairBatch>;
  report(report: TrainReport): void;
  readonly interrupted: AbortSignal;
  readonly device: Pick<ModelCard, 'backend' | 'precision' | 'threads'>;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}

/** A checkpoint is written this often within an epoch, so that a crash costs minutes, not an epoch. */
const checkpointEveryMs = 5 * 60_000;
/** Pictures of the validation are for a person, and not faster than one can look. */
const samplesEveryMs = 4_000;

/**
 * One training from its first step, or from a checkpoint, to its end or interruption; the last
 * report is both sent and returned. Rejects with a `ComputeFailure` for what can be expected.
 */
export async function runTraining(
  run: TrainingRun,
  surroundings: TrainingContext,
): Promise<FinalReport> {
  const training = await Training.begin(run, surroundings);
  try {
    return await training.toEnd();
  } finally {
    training.dispose();
  }
}

type Best = TrainingPosition['best'];

/** A step that the device has been given, and whose loss has not been looked at. */
interface StepUnderWay {
  readonly count: number;
  readonly learningRate: number;
  readonly figures: Promise<StepResult>;
}

/**
 * Steps that are given to the device before the loss of the one before has been read: a GPU need not
 * wait for the next batch's augmentation, upload and commands. The kernels of other backends have
 * done their work when they return.
 */
function stepsAheadOn(backend: ModelCard['backend']): number {
  return backend === 'webgpu' ? 1 : 0;
}

class Training {
  private readonly logits: LayersModel;
  private readonly steps: number;
  private readonly startedAt: number;
  private readonly rate: RateMeter;
  private savedAt: number;
  private checkpoint: string | null;
  /** Whether a step was taken since `checkpoint`. */
  private moved = false;
  private sampledAt = Number.NEGATIVE_INFINITY;
  private readonly stepsAhead: number;
  /** In their order; `position` does not count them yet. */
  private readonly underWay: StepUnderWay[] = [];

  private constructor(
    private readonly run: TrainingRun,
    private readonly around: TrainingContext,
    private readonly unet: LayersModel,
    private readonly adam: Adam,
    /** null where the recipe has none. */
    private readonly average: WeightAverage | null,
    private readonly position: TrainingPosition,
    checkpoint: string | null,
  ) {
    this.logits = logitsOf(unet);
    this.steps = Math.ceil(run.pairs / run.batchSize);
    this.startedAt = around.now();
    this.savedAt = this.startedAt;
    this.checkpoint = checkpoint;
    this.rate = new RateMeter(around.now);
    this.stepsAhead = stepsAheadOn(around.device.backend);
  }

  static async begin(run: TrainingRun, around: TrainingContext): Promise<Training> {
    if (run.resumeFrom !== undefined) {
      const { folder, checkpoint, insteadOf } = await readResumable(run, run.resumeFrom);
      if (insteadOf !== null) around.report({ type: 'fell-back', why: insteadOf });
      return around.scheduler.run('train', async () => {
        const unet = await fromModelFiles(checkpoint.files);
        const average = await averageOf(run, unet, checkpoint.average);
        const adam = new Adam(trainableVariables(unet));
        adam.restore({ steps: checkpoint.position.optimizerSteps, moments: checkpoint.moments });
        return new Training(
          run,
          around,
          unet,
          adam,
          average,
          continuedPosition(checkpoint.position, run),
          folder,
        );
      });
    }
    return around.scheduler.run('train', async () => {
      const built = buildUNet({ ...run.recipe, size: run.size, seed: run.seed });
      if (!built.ok) throw new RangeError(built.failure.message);
      const unet = built.value;
      if (run.startFrom !== undefined) await takeWeightsOf(run.startFrom.folder, unet);
      const adam = new Adam(trainableVariables(unet));
      const average = await averageOf(run, unet, null);
      return new Training(run, around, unet, adam, average, firstPosition(run), null);
    });
  }

  async toEnd(): Promise<FinalReport> {
    while (this.position.epoch <= this.run.epochs && !this.gainsNoMore()) {
      if (!(await this.epoch())) return this.interrupted();
    }
    const best = this.position.best;
    if (!best) throw new RangeError(`a training of ${this.run.epochs} epochs has no model`);
    // The last checkpoint stays until whoever asked has pointed `best` to the model: killed in
    // between, the next start does one epoch again instead of all.
    return this.last({
      type: 'done',
      model: best.card,
      best: best.value,
      bestEpoch: best.epoch,
      ms: this.elapsed(),
    });
  }

  dispose(): void {
    this.adam.dispose();
    this.average?.averaged.dispose();
    // Not `logits`: its layers are these.
    this.unet.dispose();
  }

  /** What is validated and saved. */
  private get learned(): LayersModel {
    return this.average?.averaged ?? this.unet;
  }

  private gainsNoMore(): boolean {
    const { best, epoch } = this.position;
    const { patience } = this.run.recipe;
    return patience !== null && best !== null && epoch - 1 - best.epoch >= patience;
  }

  /** False when interrupted. */
  private async epoch(): Promise<boolean> {
    const { around, run, position } = this;
    const { epoch } = position;
    const start = around.now();
    const imagesBefore = position.sums.images;
    if (position.step < this.steps) {
      this.rate.restart();
      const pass = { phase: 'train', epoch, firstStep: position.step } as const;
      for await (const batch of around.pull(pass)) {
        if (around.interrupted.aborted) return false;
        await this.step(batch);
        if (around.interrupted.aborted) return false;
        await this.saveNowAndThen();
      }
      await this.finishSteps(0);
      if (around.interrupted.aborted) return false;
    }
    const trainMs = around.now() - start;
    const { sums } = position;
    if (sums.images === 0) {
      throw new ComputeFailure('LOSS_NOT_FINITE', `epoch ${epoch} brought no image`);
    }
    const validation = await this.validate(epoch);
    if (around.interrupted.aborted) return false;

    const metrics = {
      loss: sums.loss / sums.images,
      trainDice: sums.dice / sums.images,
      validationDice: validation?.dice ?? null,
      validationImageDice: validation?.imageDice ?? null,
    };
    const value = metrics.validationDice ?? metrics.trainDice;
    const isBest = position.best === null || value > position.best.value;
    if (isBest) position.best = await this.saveBest(epoch, value, metrics);
    const images = sums.images - imagesBefore;
    position.epoch = epoch + 1;
    position.step = 0;
    position.sums = { loss: 0, dice: 0, images: 0 };
    this.moved = true;
    if (position.epoch <= run.epochs) await this.saveCheckpoint();
    if (isBest) await pruneRun(run.modelsFolder, run.runId);
    around.report({
      type: 'epoch',
      epoch,
      ...metrics,
      best: position.best!.value,
      isBest,
      imagesPerSecond: trainMs > 0 ? (1000 * images) / trainMs : 0,
      ms: around.now() - start,
      savedModel: isBest ? position.best!.card : null,
      validationEmptyShare: validation?.emptyShare ?? null,
      samples: validation?.samples ?? [],
    });
    return true;
  }

  private async step(batch: PairBatch): Promise<void> {
    await this.around.scheduler.run('train', async () => {
      this.underWay.push(this.startStep(batch));
      await this.underWay.at(-1 - this.stepsAhead)?.figures;
    });
    this.moved = true;
    await this.finishSteps(this.stepsAhead);
  }

  private startStep(batch: PairBatch): StepUnderWay {
    const { run, position } = this;
    const { recipe } = run;
    const { count } = batch;
    const step = position.step + this.underWay.length;
    const before = (position.epoch - 1) * this.steps + step;
    const learningRate = learningRateAt(
      recipe.schedule,
      recipe.learningRate,
      before,
      run.epochs * this.steps,
    );
    augmentBatch(batch, run, position.epoch, step);
    const normalisation = { ...run.normalisation, kind: recipe.imageNormalisation };
    const images = normalisedTensor(batch.images, count, run.size, normalisation);
    const masks = maskTensor(batch.masks, count, run.size);
    const figures = trainingStep(this.logits, this.adam, recipe, images, masks, learningRate);
    // Whoever finishes the step hears of it; until then it is nobody's.
    figures.catch(() => {});
    dispose([images, masks]);
    this.average?.follow(this.adam.steps);
    return { count, learningRate, figures };
  }

  /** Counts and reports the steps under way, the oldest first, until only so many are left. */
  private async finishSteps(left: number): Promise<void> {
    while (this.underWay.length > left) {
      const { figures } = this.underWay[0]!;
      const { loss, dice } = await figures;
      this.count(this.underWay.shift()!, loss, dice);
    }
  }

  private count({ count, learningRate }: StepUnderWay, loss: number, dice: number): void {
    const { around, position } = this;
    if (!Number.isFinite(loss)) {
      throw new ComputeFailure(
        'LOSS_NOT_FINITE',
        `the loss is ${loss} in epoch ${position.epoch}, step ${position.step + 1}; a lower --learning-rate may help`,
      );
    }
    position.step++;
    position.sums = {
      loss: position.sums.loss + loss * count,
      dice: position.sums.dice + dice * count,
      images: position.sums.images + count,
    };
    around.report({
      type: 'step',
      epoch: position.epoch,
      step: position.step,
      steps: this.steps,
      loss,
      batchDice: dice,
      learningRate,
      imagesPerSecond: this.rate.count(count),
    });
  }

  /** null where nothing validates. */
  private async validate(epoch: number): Promise<{
    dice: number;
    imageDice: number;
    emptyShare: number;
    samples: readonly ValidationSample[];
  } | null> {
    const { around, run } = this;
    if (run.validationPairs === 0) return null;
    const isWatched = around.now() - this.sampledAt >= samplesEveryMs;
    const samples = isWatched ? new ValidationSamples(run.size, run.validationPairs) : null;
    const validation = new Validation(this.learned, run, samples);
    for await (const batch of around.pull({ phase: 'validate', epoch })) {
      if (around.interrupted.aborted) return null;
      // Among the predictions, not the steps: it may not be starved by them either.
      await around.scheduler.run('train', () => validation.add(batch));
    }
    const result = validation.result();
    if (isWatched) this.sampledAt = around.now();
    return result && { ...result, samples: samples?.taken() ?? [] };
  }

  private async saveBest(
    epoch: number,
    value: number,
    metrics: ModelCard['metrics'],
  ): Promise<NonNullable<Best>> {
    const files = await this.around.scheduler.run('train', () => toModelFiles(this.learned));
    const card = makeCard(this.run, epoch, metrics, this.around.device, files);
    await orNotWritten('model', () =>
      saveModel(this.run.modelsFolder, card, files, this.run.trainedOn),
    );
    return { value, epoch, card };
  }

  private async saveNowAndThen(): Promise<void> {
    if (this.around.now() - this.savedAt < checkpointEveryMs) return;
    await this.finishSteps(0);
    await this.saveCheckpoint();
  }

  private async saveCheckpoint(): Promise<string> {
    const { around, run, position } = this;
    const { files, state, average } = await around.scheduler.run('train', async () => ({
      files: await toModelFiles(this.unet),
      state: await this.adam.save(),
      average: this.average && (await toModelFiles(this.average.averaged)).weights,
    }));
    const folder = await orNotWritten('checkpoint', () =>
      saveCheckpoint(run.modelsFolder, {
        position: { ...position, elapsedMs: this.elapsed(), optimizerSteps: state.steps },
        files,
        moments: state.moments,
        average,
      }),
    );
    this.savedAt = around.now();
    this.checkpoint = folder;
    this.moved = false;
    return folder;
  }

  private async interrupted(): Promise<FinalReport> {
    await this.finishSteps(0);
    // A checkpoint that cannot be written must not keep the program from stopping.
    const checkpoint = this.moved
      ? await this.saveCheckpoint().catch(() => this.checkpoint)
      : this.checkpoint;
    const { epoch, step } = this.position;
    return this.last({ type: 'interrupted', epoch, step, checkpoint });
  }

  private last(report: FinalReport): FinalReport {
    this.around.report(report);
    return report;
  }

  private elapsed(): number {
    return this.position.elapsedMs + this.around.now() - this.startedAt;
  }
}

/** Starts at the network's own weights, or at those of a checkpoint. */
async function averageOf(
  { recipe }: TrainingRun,
  unet: LayersModel,
  saved: Uint8Array | null,
): Promise<WeightAverage | null> {
  if (recipe.weightAverage === 0) return null;
  const files = await toModelFiles(unet);
  const averaged = await fromModelFiles(saved === null ? files : { ...files, weights: saved });
  return new WeightAverage(averaged, unet, recipe.weightAverage);
}

/** Runs a write; what the file system says against it becomes a `ComputeFailure`. */
async function orNotWritten<T>(what: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new ComputeFailure(
      'CHECKPOINT_NOT_WRITTEN',
      `the ${what} could not be saved: ${message}`,
    );
  }
}
