import type { GridSize } from './image.js';
import { type PostProcessing, postProcess } from './post-processing.js';
import { calibrated, uncalibrated } from './temperature.js';

/**
 * How far the mask drawn for an image is to be doubted, 0 (sure) to 1: what 1 - Dice is to be expected.
 *
 * Of a mask with pixels it is 1 - 2 * (sum of p over the mask) / (its pixels + sum of all p), p being
 * the calibrated probabilities: the Dice of the mask against them, which lies close to the Dice to be
 * expected where pixels err one by one. That the image may show no nerve is in p already. Borges,
 * Pacheco and Silva, Soft Dice Confidence: A Near-Optimal Confidence Estimator for Selective Prediction
 * in Semantic Segmentation (arXiv:2402.10665).
 *
 * Of an empty mask it is the probability that there is a nerve after all, for then Dice is 0 and
 * otherwise 1: the greatest of p, or the mean of that and the presence where the model tells it, as
 * the presence gate weighs both (`isAbsent`).
 *
 * @param probabilities 0..1, row-major, on the network's grid; not calibrated
 * @param settings with which the mask is drawn: they are applied to the network's grid here
 * @param temperature of the model's card, 1 where it has none
 */
export function uncertaintyOf(
  probabilities: Float32Array,
  size: GridSize,
  settings: PostProcessing,
  presence: number | undefined,
  temperature: number = uncalibrated,
): number {
  const { mask, pixels } = postProcess(probabilities, size, size, settings, presence);
  let inMask = 0;
  let everywhere = 0;
  let greatest = 0;
  for (let index = 0; index < probabilities.length; index++) {
    const p = calibrated(probabilities[index]!, temperature);
    everywhere += p;
    if (mask[index] === 1) inMask += p;
    greatest = Math.max(greatest, p);
  }
  const doubt =
    pixels > 0 ? 1 - (2 * inMask) / (pixels + everywhere) : (greatest + (presence ?? greatest)) / 2;
  // A network that has gone astray answers with what is no number.
  return Number.isNaN(doubt) ? 1 : Math.min(1, Math.max(0, doubt));
}
