import { median } from '../operators/statistics.js';

/** A measured figure, as design and docs quote it: the median with its range. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** @throws RangeError for no values. */
export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError('nothing was measured');
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}
