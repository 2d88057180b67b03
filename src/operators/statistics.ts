/** @throws RangeError of nothing. */
export function meanOf<T>(items: readonly T[], figure: (item: T) => number): number {
  if (items.length === 0) throw new RangeError('the mean of nothing');
  return items.reduce((sum, item) => sum + figure(item), 0) / items.length;
}

/** Of a sample, n - 1 in the denominator; 0 of less than two. */
export function standardDeviation(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const mean = meanOf(values, (value) => value);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}

/** Mean of the two in the middle where there are two; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
