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
