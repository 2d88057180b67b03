import { imageDice } from './dice.js';
import { threshold } from './threshold.js';

/** The same answer for every image: a map of how often each pixel is foreground, and a threshold. */
export interface MeanMask {
  /** 0..1, row-major. */
  readonly probabilities: Float32Array;
  readonly threshold: number;
}

/** Above every share: the answer is empty. */
const EMPTY_THRESHOLD = 2;
const thresholds = Array.from({ length: 19 }, (_, nth) => (nth + 1) / 20);

/**
 * The best that can be answered without looking at the image: the mean of masks, thresholded where
 * that scores the highest mean image Dice on those same masks; empty where nothing scores higher.
 *
 * @param masks 0 or 1, row-major, all of one grid; at least one.
 */
export function meanMaskOf(masks: readonly Uint8Array[]): MeanMask {
  const probabilities = new Float32Array(masks[0]!.length);
  for (const mask of masks) {
    for (let at = 0; at < mask.length; at++) probabilities[at]! += mask[at]!;
  }
  for (let at = 0; at < probabilities.length; at++) probabilities[at]! /= masks.length;
  let best = { threshold: EMPTY_THRESHOLD, dice: Number.NEGATIVE_INFINITY };
  for (const least of [EMPTY_THRESHOLD, ...thresholds]) {
    const answer = threshold(probabilities, least).mask;
    const dice = masks.reduce((sum, mask) => sum + imageDice(mask, answer), 0);
    if (dice > best.dice) best = { threshold: least, dice };
  }
  return { probabilities, threshold: best.threshold };
}
