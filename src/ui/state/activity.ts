import type { DashboardState } from './dashboard-state.js';
import { gravest } from './troubles.js';

/** What the program is doing, in one word. */
export type Activity =
  | 'starting'
  | 'ingesting'
  | 'training'
  | 'predicting'
  | 'evaluating'
  | 'watching'
  | 'paused'
  | 'degraded'
  | 'stopping'
  | 'stopped';

/** An item this long ago still counts as being at it, so that the word does not flicker. */
const lingerMs = 1_500;

/**
 * What a person across the room must know first wins: it ends, it cannot work, it was told to
 * wait; then the longest of what runs.
 */
export function activityOf(state: DashboardState, stopping: boolean, nowMs: number): Activity {
  if (state.stopped !== null) return 'stopped';
  if (stopping) return 'stopping';
  if (state.ready === null) return 'starting';
  if (gravest(state.troubles) !== null) return 'degraded';
  if (state.paused) return 'paused';
  if (state.evaluation !== null && !state.evaluation.isDone) return 'evaluating';
  if (state.training.status === 'running') return 'training';
  const { settle, ingest, predict } = state.stages;
  const lately = (at: number | null): boolean => at !== null && nowMs - at < lingerMs;
  const holds = (stage: { queued: number | null; inFlight: number | null }): boolean =>
    (stage.queued ?? 0) + (stage.inFlight ?? 0) > 0;
  if (holds(ingest) || holds(settle) || lately(state.ingestedAt)) return 'ingesting';
  if (holds(predict) || lately(state.predictedAt)) return 'predicting';
  return 'watching';
}
