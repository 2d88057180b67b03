import { randomFrom } from './seeded-random.js';

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Enough that the ends of the interval move by less than what they are good for. */
export const bootstrapResamples = 2000;

/**
 * The 95 % percentile bootstrap interval of the mean over all images, resampling whole groups
 * (subjects): images of one subject are alike, so that resampling images would promise too much.
 * null below two groups, of which nothing can be resampled.
 *
 * Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapter 13.
 *
 * @param groups the values of each group's images.
 */
export function bootstrapInterval(
  groups: readonly (readonly number[])[],
  seed: number,
  resamples = bootstrapResamples,
): Interval | null {
  const filled = groups.filter((group) => group.length > 0);
  if (filled.length < 2) return null;
  const sums = filled.map((group) => group.reduce((sum, value) => sum + value, 0));
  const random = randomFrom(seed, 'bootstrap');
  const means = new Float64Array(resamples);
  for (let resample = 0; resample < resamples; resample++) {
    let sum = 0;
    let count = 0;
    for (let draw = 0; draw < filled.length; draw++) {
      const group = Math.floor(random() * filled.length);
      sum += sums[group]!;
      count += filled[group]!.length;
    }
    means[resample] = sum / count;
  }
  means.sort();
  return { low: percentile(means, 0.025), high: percentile(means, 0.975) };
}

function percentile(sorted: Float64Array, share: number): number {
  const rank = share * (sorted.length - 1);
  const lower = sorted[Math.floor(rank)]!;
  return lower + (rank - Math.floor(rank)) * (sorted[Math.ceil(rank)]! - lower);
}
