import { dispose } from '@tensorflow/tfjs-core';
import type { ModelCard } from '../../../model/card.js';
import { maskTensor, normalisedTensor } from '../../../model/normalise.js';
import { learningRateAt } from '../../../model/schedule.js';
import { toModelFiles } from '../../../model/serialise.js';
import type { StepResult } from '../../../model/training-step.js';
import type { Checkpoint, TrainingPosition } from '../../../store/checkpoints.js';
import { pruneRun } from '../../../store/prune-models.js';
import {
  type BatchPass,
  ComputeFailure,
  type PairBatch,
  type TrainingRun,
  type TrainReport,
} from '../../compute.js';
import type { DeviceScheduler } from '../device-scheduler.js';
import { augmentBatch } from './augment-batch.js';
import type { Learner } from './learner.js';
import { makeCard } from './model-card.js';
import { afterEpoch, afterStep, goesOn, metricsOf } from './position.js';
import { RateMeter } from './rate-meter.js';
import { StepsUnderWay, type StepUnderWay } from './steps-under-way.js';
import { Checkpoints, writeModel } from './training-files.js';
import { Validation, type ValidationResult } from './validation.js';
import { ValidationSamples } from './validation-samples.js';

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

/** Pictures of the validation are for a person, and not faster than one can look. */
const samplesEveryMs = 4_000;

/** Of the steps of an epoch that were taken in one go. */
interface Pace {
  readonly startedAt: number;
  readonly ms: number;
  readonly images: number;
}

/** One training that is under way: what the run loop does, step by step. */
export class TrainingUnderWay {
  private readonly steps: number;
  private readonly startedAt: number;
  private readonly rate: RateMeter;
  private readonly checkpoints: Checkpoints;
  private readonly underWay: StepsUnderWay;
  private sampledAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly run: TrainingRun,
    private readonly context: TrainingContext,
    private readonly learner: Learner,
    /** Without the steps under way. */
    private position: TrainingPosition,
    checkpoint: string | null,
  ) {
    const { now, device } = context;
    this.steps = Math.ceil(run.pairs / run.batchSize);
    this.startedAt = now();
    this.rate = new RateMeter(now);
    const make = () => this.checkpoint();
    this.checkpoints = new Checkpoints(run.modelsFolder, checkpoint, make, now);
    this.underWay = new StepsUnderWay(device.backend, (step, figures) => this.count(step, figures));
  }

  get goesOn(): boolean {
    return goesOn(this.position, this.run);
  }

  /** Those that are left of the epoch, or up to the interruption. */
  async takeSteps(): Promise<Pace> {
    const { context } = this;
    const { interrupted, now } = context;
    const { epoch, step: firstStep, sums } = this.position;
    const startedAt = now();
    if (firstStep < this.steps) {
      this.rate.restart();
      for await (const batch of context.pull({ phase: 'train', epoch, firstStep })) {
        if (interrupted.aborted) break;
        await this.step(batch);
        if (interrupted.aborted) break;
        if (this.checkpoints.isDue) {
          await this.underWay.finishAll();
          await this.checkpoints.write();
        }
      }
      await this.underWay.finishAll();
    }
    return { startedAt, ms: now() - startedAt, images: this.position.sums.images - sums.images };
  }

  /** null where nothing validates, or when interrupted. */
  async validate(): Promise<ValidationResult | null> {
    const { context, run } = this;
    if (run.validationPairs === 0 || context.interrupted.aborted) return null;
    const isWatched = context.now() - this.sampledAt >= samplesEveryMs;
    const samples = isWatched ? new ValidationSamples(run.size, run.validationPairs) : null;
    const validation = new Validation(this.learner.learned, run, samples);
    for await (const batch of context.pull({ phase: 'validate', epoch: this.position.epoch })) {
      if (context.interrupted.aborted) return null;
      // Among the steps, not the predictions: these may not starve it either.
      await context.scheduler.run('train', () => validation.add(batch));
    }
    if (isWatched) this.sampledAt = context.now();
    return validation.result();
  }

  /** Keeps the model if it is the best so far, writes a checkpoint, and reports. */
  async endEpoch(pace: Pace, validation: ValidationResult | null): Promise<void> {
    const { context, run, position } = this;
    const { epoch } = position;
    const metrics = metricsOf(position, validation);
    const value = metrics.validationDice ?? metrics.trainDice;
    const isBest = position.best === null || value > position.best.value;
    const best = isBest ? { value, epoch, card: await this.saveModel(metrics) } : position.best!;
    this.position = afterEpoch(position, best);
    this.checkpoints.outdate();
    if (epoch < run.epochs) await this.checkpoints.write();
    if (isBest) await pruneRun(run.modelsFolder, run.runId);
    context.report({
      type: 'epoch',
      epoch,
      ...metrics,
      best: best.value,
      isBest,
      imagesPerSecond: pace.ms > 0 ? (1000 * pace.images) / pace.ms : 0,
      ms: context.now() - pace.startedAt,
      savedModel: isBest ? best.card : null,
      validationEmptyShare: validation?.emptyShare ?? null,
      samples: validation?.samples ?? [],
    });
  }

  done(): FinalReport {
    const { best } = this.position;
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

  async interrupted(): Promise<FinalReport> {
    const checkpoint = await this.checkpoints.last();
    const { epoch, step } = this.position;
    return this.last({ type: 'interrupted', epoch, step, checkpoint });
  }

  dispose(): void {
    this.learner.dispose();
  }

  private async step(batch: PairBatch): Promise<void> {
    await this.context.scheduler.run('train', () => this.underWay.add(this.startStep(batch)));
    this.checkpoints.outdate();
    await this.underWay.finishDone();
  }

  private startStep(batch: PairBatch): StepUnderWay {
    const { run, position, learner } = this;
    const { recipe } = run;
    const { count } = batch;
    const step = position.step + this.underWay.count;
    const before = (position.epoch - 1) * this.steps + step;
    const all = run.epochs * this.steps;
    const learningRate = learningRateAt(recipe.schedule, recipe.learningRate, before, all);
    augmentBatch(batch, run, position.epoch, step);
    const normalisation = { ...run.normalisation, kind: recipe.imageNormalisation };
    const images = normalisedTensor(batch.images, count, run.size, normalisation);
    const masks = maskTensor(batch.masks, count, run.size);
    const figures = learner.step(recipe, images, masks, learningRate);
    dispose([images, masks]);
    return { images: count, learningRate, figures };
  }

  private count({ images, learningRate }: StepUnderWay, { loss, dice }: StepResult): void {
    const { context, position } = this;
    const { epoch } = position;
    if (!Number.isFinite(loss)) {
      throw new ComputeFailure(
        'LOSS_NOT_FINITE',
        `the loss is ${loss} in epoch ${epoch}, step ${position.step + 1}; a lower --learning-rate may help`,
      );
    }
    this.position = afterStep(position, images, { loss, dice });
    context.report({
      type: 'step',
      epoch,
      step: this.position.step,
      steps: this.steps,
      loss,
      batchDice: dice,
      learningRate,
      imagesPerSecond: this.rate.count(images),
    });
  }

  private async saveModel(metrics: ModelCard['metrics']): Promise<ModelCard> {
    const { context, run, learner, position } = this;
    const files = await context.scheduler.run('train', () => toModelFiles(learner.learned));
    const card = makeCard(run, position.epoch, metrics, context.device, files);
    await writeModel(run, card, files);
    return card;
  }

  private async checkpoint(): Promise<Checkpoint> {
    const saved = await this.context.scheduler.run('train', () => this.learner.save());
    const { optimizerSteps, ...weights } = saved;
    return {
      ...weights,
      position: { ...this.position, elapsedMs: this.elapsed(), optimizerSteps },
    };
  }

  private last(report: FinalReport): FinalReport {
    this.context.report(report);
    return report;
  }

  private elapsed(): number {
    return this.position.elapsedMs + this.context.now() - this.startedAt;
  }
}
