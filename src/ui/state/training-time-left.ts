import type { TrainingState } from './training-state.js';

/** Milliseconds until the end of the epoch and of the training; null while nothing is known. */
export function timeLeft(
  training: TrainingState,
  nowMs: number,
): { readonly epoch: number | null; readonly training: number | null } {
  if (training.status !== 'running' || training.steps === 0) return { epoch: null, training: null };
  const done = training.step / training.steps;
  const spent = nowMs - training.epochStartedAt;
  // The last whole epoch is the best witness (its time includes validation); within the first,
  // what the steps so far took.
  const whole = training.epochMs ?? (done > 0 ? spent / done : null);
  if (whole === null) return { epoch: null, training: null };
  const atEpochEnd = done >= 1;
  const epoch = atEpochEnd ? 0 : whole * (1 - done);
  return { epoch, training: epoch + whole * Math.max(0, training.epochs - training.epoch) };
}
