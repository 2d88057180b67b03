import type { LearningRateSchedule } from './recipe.js';

/** Where the cosine ends, as a share of the peak. */
const floorShare = 0.01;

/**
 * Learning rate of one step.
 *
 * @param peak the recipe's learning rate, > 0
 * @param step 0-based, over the whole training
 * @param totalSteps steps of all epochs together
 */
export function learningRateAt(
  schedule: LearningRateSchedule,
  peak: number,
  step: number,
  totalSteps: number,
): number {
  switch (schedule.kind) {
    case 'constant':
      return peak;
    case 'warmup-cosine': {
      const warmup = Math.round(schedule.warmupShare * totalSteps);
      if (step < warmup) return (peak * (step + 1)) / warmup;
      const way = Math.min(1, (step - warmup) / Math.max(1, totalSteps - 1 - warmup));
      return peak * (floorShare + (1 - floorShare) * 0.5 * (1 + Math.cos(Math.PI * way)));
    }
  }
}
