import { median } from './statistics.js';

/** Beyond this a modified z-score is an outlier (Iglewicz and Hoaglin, How to Detect and Handle Outliers, 1993). */
export const outlierScore = 3.5;

/** Of a single value among equal ones the median deviation is 0; this keeps its score finite. */
const leastDeviation = 1e-9;

/**
 * Modified z-scores: distance from the median in units of the median absolute deviation, scaled so
 * that it is a z-score for normal values. Not drawn towards the very outliers that it is to find.
 * Empty for no values.
 */
export function modifiedZScores(values: readonly number[]): number[] {
  const middle = median(values);
  const deviation = median(values.map((value) => Math.abs(value - middle)));
  return values.map((value) => (0.6745 * (value - middle)) / Math.max(deviation, leastDeviation));
}
