/** A figure sampled over time. */
export interface Sampled {
  /** Seconds since the start. */
  readonly at: number;
  readonly value: number;
}

export interface Trend {
  readonly mean: number;
  readonly max: number;
  /** Of the line of least squares, over the whole of the time that was sampled. */
  readonly growth: number;
  /** Twice the standard error of `growth`: so much of it may be chance. */
  readonly uncertainty: number;
}

/** The line of least squares through the samples. Takes three or more, at different times. */
export function trendOf(samples: readonly Sampled[]): Trend {
  const count = samples.length;
  const mean = samples.reduce((sum, { value }) => sum + value, 0) / count;
  const middle = samples.reduce((sum, { at }) => sum + at, 0) / count;
  const spread = samples.reduce((sum, { at }) => sum + (at - middle) ** 2, 0);
  const joint = samples.reduce((sum, { at, value }) => sum + (at - middle) * (value - mean), 0);
  const slope = joint / spread;
  const unexplained = samples.reduce(
    (sum, { at, value }) => sum + (value - mean - slope * (at - middle)) ** 2,
    0,
  );
  const span = samples.at(-1)!.at - samples[0]!.at;
  const error = Math.sqrt(unexplained / (count - 2) / spread);
  const max = Math.max(...samples.map(({ value }) => value));
  return { mean, max, growth: slope * span, uncertainty: 2 * error * span };
}
