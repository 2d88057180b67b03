import type { EvaluationEvent, PipelineEvent } from '../../events.js';
import { ensembleSplits } from '../training/plan-ensemble.js';
import type { EvaluationFold } from './evaluation-plan.js';

const toldEveryMs = 30_000;

/**
 * How far an evaluation is and how long it will take, by the images that remain to be trained on.
 * An upper bound, where a training may stop before its last epoch.
 */
export class EvaluationProgress {
  private readonly total: number;
  /** Images of folds that are over, this run's or an earlier one's. */
  private before = 0;
  /** Images of the fold's trainings that are over. */
  private ofFold = 0;
  private pairs = 0;
  private epoch = 0;
  /** Images and time of this run's epochs. */
  private seen = 0;
  private ms = 0;
  private toldAt = Number.NEGATIVE_INFINITY;

  constructor(
    folds: readonly EvaluationFold[],
    seeds: number,
    private readonly epochs: number,
    private readonly models: number,
    /** Milliseconds, monotonic. */
    private readonly now: () => number = () => performance.now(),
  ) {
    this.total = seeds * folds.reduce((sum, fold) => sum + this.imagesOf(fold), 0);
  }

  /** What an event of the fold's training tells of the whole; null where it tells nothing new. */
  after(
    event: PipelineEvent,
    seed: number,
    fold: number,
  ): Extract<EvaluationEvent, { type: 'evaluation.progress' }> | null {
    if (event.type === 'train.started') {
      if (this.pairs > 0) this.ofFold += this.pairs * this.epochs;
      this.pairs = event.pairs;
      this.epoch = 0;
    }
    if (event.type !== 'train.epoch') return null;
    this.epoch = event.epoch;
    this.seen += this.pairs;
    this.ms += event.ms;
    if (this.now() - this.toldAt < toldEveryMs) return null;
    this.toldAt = this.now();
    const images = this.before + this.ofFold + this.epoch * this.pairs;
    const done = Math.min(1, images / this.total);
    const msLeft = Math.max(0, this.total - images) * (this.ms / this.seen);
    return { type: 'evaluation.progress', seed, fold, done, msLeft };
  }

  finished(fold: EvaluationFold): void {
    this.before += this.imagesOf(fold);
    this.ofFold = 0;
    this.pairs = 0;
    this.epoch = 0;
  }

  /** That its trainings go through. */
  private imagesOf({ training, validation }: EvaluationFold): number {
    const voters = ensembleSplits([...training, ...validation], this.models);
    const trainings = voters.length > 0 ? voters : [{ training }];
    return this.epochs * trainings.reduce((sum, { training }) => sum + training.length, 0);
  }
}
