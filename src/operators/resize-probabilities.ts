import type { GridSize } from './image.js';
import { type ThresholdedMask, thresholdInto } from './threshold.js';

/**
 * Probabilities of the network's grid on another one, bilinear between pixel centres, the edge
 * continuing outside. Resizing comes before the threshold: a mask enlarged afterwards would have
 * steps of several pixels.
 */
export function resizeProbabilities(
  probabilities: Float32Array,
  from: GridSize,
  to: GridSize,
): Float32Array {
  const resized = new Float32Array(to.height * to.width);
  const rows = new ProbabilityRows(probabilities, from, to);
  for (let row = 0; row < to.height; row++) {
    rows.read(row, resized.subarray(row * to.width, (row + 1) * to.width));
  }
  return resized;
}

/** `threshold(resizeProbabilities(...))` bit for bit, without the large map in between. */
export function maskFromProbabilities(
  probabilities: Float32Array,
  from: GridSize,
  to: GridSize,
  least: number,
): ThresholdedMask {
  const mask = new Uint8Array(to.height * to.width);
  const rows = new ProbabilityRows(probabilities, from, to);
  const row = new Float32Array(to.width);
  let pixels = 0;
  for (let y = 0; y < to.height; y++) {
    rows.read(y, row);
    pixels += thresholdInto(row, least, mask, y * to.width);
  }
  return { mask, pixels };
}

/** Resized probabilities one row at a time. */
class ProbabilityRows {
  /** Of each target column: the source column on its left, and the right one's share. */
  private readonly left: Int32Array;
  private readonly share: Float64Array;
  /** One row of the source, interpolated downwards; its last column twice, to have a right one. */
  private readonly line: Float64Array;

  constructor(
    private readonly probabilities: Float32Array,
    private readonly from: GridSize,
    private readonly to: GridSize,
  ) {
    if (probabilities.length !== from.height * from.width) {
      throw new RangeError(`${probabilities.length} values are not ${from.height}x${from.width}`);
    }
    this.left = new Int32Array(to.width);
    this.share = new Float64Array(to.width);
    for (let column = 0; column < to.width; column++) {
      const x = sourcePosition(column, from.width, to.width);
      this.left[column] = Math.floor(x);
      this.share[column] = x - Math.floor(x);
    }
    this.line = new Float64Array(from.width + 1);
  }

  /** Writes one row of the target grid. */
  read(row: number, into: Float32Array): void {
    const { height, width } = this.from;
    const y = sourcePosition(row, height, this.to.height);
    const upper = Math.floor(y);
    const share = y - upper;
    const above = upper * width;
    const below = Math.min(upper + 1, height - 1) * width;
    const probabilities = this.probabilities;
    const line = this.line;
    for (let x = 0; x < width; x++) {
      const value = probabilities[above + x]!;
      line[x] = value + share * (probabilities[below + x]! - value);
    }
    line[width] = line[width - 1]!;
    const left = this.left;
    const shares = this.share;
    for (let column = 0; column < into.length; column++) {
      const at = left[column]!;
      const value = line[at]!;
      into[column] = value + shares[column]! * (line[at + 1]! - value);
    }
  }
}

/** Where a target pixel's centre lies between the centres of the source's pixels, 0..from-1. */
function sourcePosition(target: number, from: number, to: number): number {
  return Math.min(Math.max(((target + 0.5) * from) / to - 0.5, 0), from - 1);
}
