/** Of a model that nothing was calibrated for. */
export const uncalibrated = 1;

/** What calibration looks at: a validation image, on the network's grid. */
export interface CalibrationSample {
  /** 0..1, row-major. */
  readonly probabilities: Float32Array;
  /** 0 or 1, row-major. */
  readonly truth: Uint8Array;
}

/** In 32 bits a probability says no more of how sure the network is. */
const surest = 1 - 1e-7;
const mostLogit = logitOf(surest);
/** Logits this close count as one. */
const binWidth = 0.02;
const bins = Math.ceil((2 * mostLogit) / binWidth) + 1;
/** Of the inverse temperature: a temperature between 0.1 and 10. */
const [leastInverse, mostInverse] = [0.1, 10];
const searchSteps = 60;

/**
 * A probability after temperature scaling: its logit divided by the temperature. From 1 on it is
 * less sure than the network said, below 1 surer; 0.5 stays 0.5.
 *
 * Guo, Pleiss, Sun and Weinberger, On Calibration of Modern Neural Networks (ICML 2017).
 */
export function calibrated(probability: number, temperature: number): number {
  if (temperature === uncalibrated) return probability;
  return 1 / (1 + Math.exp(-logitOf(probability) / temperature));
}

/**
 * The temperature at which the pixels' log-loss over these images is least, 0.1..10. It falls and then
 * rises as a function of the inverse temperature (it is convex), so a ternary search finds it. Logits
 * are counted in narrow bins first: then it takes one look at each pixel.
 *
 * Yields after each image, for the caller to let others run.
 */
export function* fitTemperature(samples: Iterable<CalibrationSample>): Generator<void, number> {
  const foreground = new Float64Array(bins);
  const background = new Float64Array(bins);
  for (const { probabilities, truth } of samples) {
    for (let index = 0; index < truth.length; index++) {
      const logit = logitOf(probabilities[index]!);
      if (Number.isNaN(logit)) continue;
      const counts = truth[index] === 1 ? foreground : background;
      counts[Math.round((logit + mostLogit) / binWidth)]! += 1;
    }
    yield;
  }
  const lossAt = (inverse: number) => {
    let loss = 0;
    for (let bin = 0; bin < bins; bin++) {
      const logit = (bin * binWidth - mostLogit) * inverse;
      loss += foreground[bin]! * softplus(-logit) + background[bin]! * softplus(logit);
    }
    return loss;
  };
  let [low, high] = [leastInverse, mostInverse];
  for (let step = 0; step < searchSteps; step++) {
    const third = (high - low) / 3;
    if (lossAt(low + third) <= lossAt(high - third)) high -= third;
    else low += third;
  }
  return 2 / (low + high);
}

/** What is surer than 32 bits can say counts as `surest`. */
function logitOf(probability: number): number {
  const within = Math.min(surest, Math.max(1 - surest, probability));
  return Math.log(within / (1 - within));
}

/** log(1 + e^x), of a large x too. */
function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}
