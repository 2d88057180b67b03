import type { Observable } from 'rxjs';
import type { Compute } from '../compute/compute.js';
import type { ModelChangedEvent, ModelRequest, PipelineEvent } from '../events.js';
import type { Result } from '../operators/result.js';
import type { Settings } from '../settings/options.js';
import type { Catalog } from '../store/catalog.js';
import type { StorePaths } from '../store/store-paths.js';
import type { Mode, Outcome } from './coordinator/state.js';
import type { Tally } from './tally.js';

/** What a pipeline works with. */
export interface PipelineContext {
  readonly settings: Settings;
  readonly catalog: Catalog;
  readonly paths: StorePaths;
  readonly compute: Compute;
  readonly mode: Mode;
  readonly timing?: Partial<PipelineTiming>;
}

export interface Pipeline {
  /** What every logger reads. */
  readonly events$: Observable<PipelineEvent>;
  readonly tally: Tally;
  /** Runs until there is nothing left to do (`once`), or until `stop`. */
  run(): Promise<Outcome>;
  /** Finishes what is in hand, saves what a training needs to go on, writes the CSV. */
  stop(): Promise<void>;
  /** Nothing new is taken in while paused. */
  pause(isPaused: boolean): void;
  trainNow(): void;
  predictAgain(): void;
  retryFailed(): void;
  /** What a person asks to be done with a model; predictions follow by themselves. */
  changeModel(request: ModelRequest): Promise<Result<ModelChangedEvent>>;
  /** Test images without a current prediction. */
  readonly pendingCount: number;
}

/** How long the pipeline waits for what; tests do not wait. In milliseconds. */
export interface PipelineTiming {
  /** Looking for what the watcher missed, and trying again what was refused. */
  readonly reconcileEveryMs: number;
  readonly stagesEveryMs: number;
  /** Looking whether submission.csv and the masks are still as they were left. */
  readonly storeCheckEveryMs: number;
  /** No pair must have changed for this long before a first training; later: `--retrain-quiet`. */
  readonly quietBeforeFirstTrainingMs: number;
  /**
   * A compute process that was given up, or a training that failed for want of one or of room, is
   * tried again after the first of these, then after twice that, at last every so often.
   */
  readonly firstRetryMs: number;
  readonly lastRetryMs: number;
}

export const usualTiming: PipelineTiming = {
  reconcileEveryMs: 30_000,
  stagesEveryMs: 250,
  storeCheckEveryMs: 1000,
  quietBeforeFirstTrainingMs: 3000,
  firstRetryMs: 5000,
  lastRetryMs: 5 * 60_000,
};
