import { meanOf } from './statistics.js';

/** Pearson's, -1..1; null where either varies nowhere. */
export function correlationOf(x: readonly number[], y: readonly number[]): number | null {
  if (x.length < 2) return null;
  const [meanX, meanY] = [meanOf(x, (value) => value), meanOf(y, (value) => value)];
  let [xx, xy, yy] = [0, 0, 0];
  for (const [nth, value] of x.entries()) {
    const [dx, dy] = [value - meanX, y[nth]! - meanY];
    xx += dx * dx;
    xy += dx * dy;
    yy += dy * dy;
  }
  if (xx === 0 || yy === 0) return null;
  return Math.min(1, Math.max(-1, xy / Math.sqrt(xx * yy)));
}

/** Spearman's: Pearson's of the ranks; equal values share the mean of theirs. */
export function rankCorrelationOf(x: readonly number[], y: readonly number[]): number | null {
  return correlationOf(ranksOf(x), ranksOf(y));
}

function ranksOf(values: readonly number[]): number[] {
  const order = [...values.keys()].sort((a, b) => values[a]! - values[b]!);
  const ranks = new Array<number>(values.length);
  for (let start = 0, end = 0; start < order.length; start = end) {
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++;
    for (let at = start; at < end; at++) ranks[order[at]!] = (start + end - 1) / 2;
  }
  return ranks;
}
