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
