import type { EvaluationEvent, PipelineEvent } from '../events.js';
import type { EvaluationFold, EvaluationPlan } from './evaluation-plan.js';

const TOLD_EVERY_MS = 30_000;

/**
 * How far an evaluation is and how long it will take, by the images that remain to be trained on.
 * An upper bound, where a training may stop before its last epoch.
 */
export class EvaluationProgress {
  private toldAt = Number.NEGATIVE_INFINITY;
  private readonly total: number;
  /** Images of trainings that are over, this run's or an earlier one's. */
  private before = 0;
  /** Images of the running training. */
  private running = 0;
  /** Images and time of this run's epochs. */
  private seen = 0;
  private ms = 0;

  constructor(
    plan: Pick<EvaluationPlan, 'folds'>,
    seeds: readonly number[],
    private readonly epochs: number,
    /** Milliseconds, monotonic. */
    private readonly now: () => number = () => performance.now(),
  ) {
    const ofSeed = plan.folds.reduce((sum, fold) => sum + fold.training.length, 0);
    this.total = ofSeed * seeds.length * epochs;
  }

  /** What an event of the fold's training tells of the whole; null where it tells nothing new. */
  after(
    event: PipelineEvent,
    seed: number,
    fold: EvaluationFold,
  ): Extract<EvaluationEvent, { type: 'evaluation.progress' }> | null {
    if (event.type !== 'train.epoch') return null;
    this.running = event.epoch * fold.training.length;
    this.seen += fold.training.length;
    this.ms += event.ms;
    if (this.now() - this.toldAt < TOLD_EVERY_MS) return null;
    this.toldAt = this.now();
    const done = this.before + this.running;
    const msLeft = (this.total - done) * (this.ms / this.seen);
    return {
      type: 'evaluation.progress',
      seed,
      fold: fold.number,
      done: done / this.total,
      msLeft,
    };
  }

  finished(fold: EvaluationFold): void {
    this.before += fold.training.length * this.epochs;
    this.running = 0;
  }
}
