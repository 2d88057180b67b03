/**
 * Which pixels of one axis a resized pixel is made of. Weights are whole numbers that add up to
 * `total` for every pixel, so that a weighted sum of uint8 pixels is exact, on every machine.
 */
export interface AxisWeights {
  readonly total: number;
  /** First source pixel of each target pixel. */
  readonly starts: Int32Array;
  /** Where each target pixel's weights begin in `weights`; one entry more than pixels. */
  readonly offsets: Int32Array;
  readonly weights: Float64Array;
}

/**
 * Shrinking averages the area that a target pixel covers (like OpenCV's INTER_AREA), so nothing is
 * skipped and nothing rings; enlarging is bilinear between pixel centres.
 */
export function axisWeights(from: number, to: number): AxisWeights {
  return to <= from ? areaWeights(from, to) : linearWeights(from, to);
}

/** In units of 1/to of a source pixel: source pixel i is [i*to, i*to+to), target j [j*from, j*from+from). */
function areaWeights(from: number, to: number): AxisWeights {
  const starts = new Int32Array(to);
  const offsets = new Int32Array(to + 1);
  const weights: number[] = [];
  for (let target = 0; target < to; target++) {
    const low = target * from;
    const high = low + from;
    starts[target] = Math.floor(low / to);
    for (let source = starts[target]!; source * to < high; source++) {
      weights.push(Math.min(high, source * to + to) - Math.max(low, source * to));
    }
    offsets[target + 1] = weights.length;
  }
  return { total: from, starts, offsets, weights: Float64Array.from(weights) };
}

/** Target j's centre lies at ((2j + 1) * from - to) / 2to between the source pixels' centres. */
function linearWeights(from: number, to: number): AxisWeights {
  const total = 2 * to;
  const starts = new Int32Array(to);
  const offsets = new Int32Array(to + 1);
  const weights: number[] = [];
  for (let target = 0; target < to; target++) {
    const centre = Math.min(Math.max((2 * target + 1) * from - to, 0), (from - 1) * total);
    const start = Math.floor(centre / total);
    const beyond = centre - start * total;
    starts[target] = start;
    weights.push(total - beyond);
    if (beyond > 0) weights.push(beyond);
    offsets[target + 1] = weights.length;
  }
  return { total, starts, offsets, weights: Float64Array.from(weights) };
}
