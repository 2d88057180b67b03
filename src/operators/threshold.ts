export interface ThresholdedMask {
  /** 0 or 1, row-major. */
  readonly mask: Uint8Array;
  /** How many are 1. */
  readonly pixels: number;
}

/** A pixel is foreground from the threshold on; what is not a number never is. */
export function threshold(probabilities: Float32Array, least: number): ThresholdedMask {
  const mask = new Uint8Array(probabilities.length);
  return { mask, pixels: thresholdInto(probabilities, least, mask, 0) };
}

/** Thresholds into `mask` from `offset` on (all 0 there before); returns how many became 1. */
export function thresholdInto(
  probabilities: Float32Array,
  least: number,
  mask: Uint8Array,
  offset: number,
): number {
  let pixels = 0;
  for (let index = 0; index < probabilities.length; index++) {
    if (probabilities[index]! >= least) {
      mask[offset + index] = 1;
      pixels++;
    }
  }
  return pixels;
}
