import type { EvaluationEvent, PipelineEvent } from '../../events.js';
import { ensembleSplits } from '../training/plan-ensemble.js';
import type { EvaluationFold } from './evaluation-plan.js';

const toldEveryMs = 30_000;

/** Images that have been trained on, once for each epoch, and how long that took. */
interface Seen {
  /** Of folds that are over, this run's or an earlier one's. */
  readonly before: number;
  /** Of the fold's trainings that are over. */
  readonly ofFold: number;
  /** Pairs of the training that runs, and its epochs so far. */
  readonly pairs: number;
  readonly epoch: number;
  /** This run's own. */
  readonly images: number;
  readonly ms: number;
}

/**
 * How far an evaluation is and how long it will take, by the images that remain to be trained on.
 * An upper bound, where a training may stop before its last epoch.
 */
export class EvaluationProgress {
  private readonly total: number;
  private seen: Seen = { before: 0, ofFold: 0, pairs: 0, epoch: 0, images: 0, ms: 0 };
  private lastReportedAt = Number.NEGATIVE_INFINITY;

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
    this.seen = seenAfter(this.seen, event, this.epochs);
    if (event.type !== 'train.epoch' || this.now() - this.lastReportedAt < toldEveryMs) return null;
    this.lastReportedAt = this.now();
    const { before, ofFold, epoch, pairs, images, ms } = this.seen;
    const soFar = before + ofFold + epoch * pairs;
    const done = Math.min(1, soFar / this.total);
    const msLeft = Math.max(0, this.total - soFar) * (ms / images);
    return { type: 'evaluation.progress', seed, fold, done, msLeft };
  }

  finished(fold: EvaluationFold): void {
    const before = this.seen.before + this.imagesOf(fold);
    this.seen = { ...this.seen, before, ofFold: 0, pairs: 0, epoch: 0 };
  }

  /** That its trainings go through. */
  private imagesOf({ training, validation }: EvaluationFold): number {
    const members = ensembleSplits([...training, ...validation], this.models);
    const trainings = members.length > 0 ? members : [{ training }];
    return this.epochs * trainings.reduce((sum, { training }) => sum + training.length, 0);
  }
}

function seenAfter(seen: Seen, event: PipelineEvent, epochs: number): Seen {
  switch (event.type) {
    case 'train.started':
      return { ...seen, ofFold: seen.ofFold + seen.pairs * epochs, pairs: event.pairs, epoch: 0 };
    case 'train.epoch': {
      const images = seen.images + seen.pairs;
      return { ...seen, epoch: event.epoch, images, ms: seen.ms + event.ms };
    }
    default:
      return seen;
  }
}
