import { imageDice } from './dice.js';
import { threshold } from './threshold.js';

/** The same answer for every image: a map of how often each pixel is foreground, and a threshold. */
export interface MeanMask {
  /** 0..1, row-major. */
  readonly probabilities: Float32Array;
  readonly threshold: number;
}

/** Above every share: the answer is empty. */
const emptyThreshold = 2;
const thresholds = Array.from({ length: 19 }, (_, nth) => (nth + 1) / 20);
/** Masks gone through between two chances for others to run. */
const sliceLength = 64;

/**
 * The best that can be answered without looking at the image: the mean of masks, thresholded where
 * that scores the highest mean image Dice on those same masks; empty where nothing scores higher.
 * Yields now and then, for the caller to let others run; the last value is returned.
 *
 * @param masks 0 or 1, row-major, all of one grid; at least one.
 */
export function* meanMaskOf(masks: readonly Uint8Array[]): Generator<void, MeanMask> {
  const probabilities = new Float32Array(masks[0]!.length);
  for (const [index, mask] of masks.entries()) {
    for (let at = 0; at < mask.length; at++) probabilities[at]! += mask[at]! / masks.length;
    if (index % sliceLength === sliceLength - 1) yield;
  }
  let best = { threshold: emptyThreshold, dice: Number.NEGATIVE_INFINITY };
  for (const least of [emptyThreshold, ...thresholds]) {
    const answer = threshold(probabilities, least).mask;
    let dice = 0;
    for (const [index, mask] of masks.entries()) {
      dice += imageDice(mask, answer);
      if (index % sliceLength === sliceLength - 1) yield;
    }
    if (dice > best.dice) best = { threshold: least, dice };
  }
  return { probabilities, threshold: best.threshold };
}
