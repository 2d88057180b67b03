import type { EvaluationFigures } from '../events.js';
import { hausdorff95 } from './hausdorff.js';
import type { GridSize } from './image.js';
import { meanOf } from './statistics.js';

/** How well one image's mask fits the true one, on the original grid. */
export interface MaskScore {
  /** Kaggle's: 2 |A and B| / (|A| + |B|); 1 where both are empty. */
  readonly dice: number;
  /** |A and B| / |A or B|; 1 where both are empty. */
  readonly iou: number;
  /** In pixels; 0 where both are empty, null where one is. */
  readonly hausdorff95: number | null;
  /** Foreground pixels. */
  readonly truthPixels: number;
  readonly foundPixels: number;
}

/** @param truth, found 0 or 1, row-major. */
export function scoreMask(truth: Uint8Array, found: Uint8Array, size: GridSize): MaskScore {
  if (truth.length !== found.length) {
    throw new RangeError(`${truth.length} pixels against ${found.length}`);
  }
  let both = 0;
  let truthPixels = 0;
  let foundPixels = 0;
  for (let index = 0; index < truth.length; index++) {
    both += truth[index]! & found[index]!;
    truthPixels += truth[index]!;
    foundPixels += found[index]!;
  }
  const sum = truthPixels + foundPixels;
  return {
    dice: sum === 0 ? 1 : (2 * both) / sum,
    iou: sum === 0 ? 1 : both / (sum - both),
    hausdorff95: hausdorff95(truth, found, size),
    truthPixels,
    foundPixels,
  };
}

/** Means over images; null where there is nothing to take a mean of. */
export type MeanScores = Omit<EvaluationFigures, 'diceInterval'>;

/** @throws RangeError of no image at all. */
export function meanScores(scores: readonly MaskScore[]): MeanScores {
  const positives = scores.filter((score) => score.truthPixels > 0);
  const found = scores.filter((score) => score.foundPixels > 0);
  const hits = found.filter((score) => score.truthPixels > 0);
  return {
    images: scores.length,
    positives: positives.length,
    dice: meanOf(scores, ({ dice }) => dice),
    positiveDice: positives.length === 0 ? null : meanOf(positives, ({ dice }) => dice),
    iou: meanOf(scores, ({ iou }) => iou),
    precision: found.length === 0 ? null : hits.length / found.length,
    recall: positives.length === 0 ? null : hits.length / positives.length,
    hausdorff95: hits.length === 0 ? null : meanOf(hits, (hit) => hit.hausdorff95!),
    hausdorffImages: hits.length,
  };
}
