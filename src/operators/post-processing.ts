import type { PostProcessingSettings } from '../events.js';
import { componentsOf } from './connected-components.js';
import type { GridSize } from './image.js';
import { maskFromProbabilities } from './resize-probabilities.js';
import type { ThresholdedMask } from './threshold.js';

/** How probabilities become a mask, on whatever grid: saved with the model that it was tuned for. */
export type PostProcessing = PostProcessingSettings;

/** The threshold alone. */
export function thresholdOnly(threshold: number): PostProcessing {
  return untunedPostProcessing({ threshold, presenceThreshold: null });
}

/** What a recipe begins with, before anything is tuned. */
export function untunedPostProcessing({
  threshold,
  presenceThreshold,
}: Pick<PostProcessing, 'threshold' | 'presenceThreshold'>): PostProcessing {
  return {
    threshold,
    presenceThreshold,
    leastArea: 0,
    fillHoles: false,
    largestComponents: null,
  };
}

/**
 * The mask of one image: its probabilities are brought to the wanted grid (bilinear), thresholded
 * there and cleaned.
 *
 * @param probabilities 0..1, row-major, on the network's grid `from`.
 * @param presence the model's probability that there is a nerve, where it tells.
 */
export function postProcess(
  probabilities: Float32Array,
  from: GridSize,
  to: GridSize,
  settings: PostProcessing,
  presence?: number,
): ThresholdedMask {
  if (isAbsent(probabilities, settings, presence)) {
    return { mask: new Uint8Array(to.height * to.width), pixels: 0 };
  }
  const { mask, pixels } = maskFromProbabilities(probabilities, from, to, settings.threshold);
  return { mask, pixels: pixels === 0 ? 0 : cleanMask(mask, to, settings) };
}

/** Whether the presence gate shuts: the evidence lies below its threshold. */
export function isAbsent(
  map: Float32Array,
  { threshold, presenceThreshold }: Pick<PostProcessing, 'threshold' | 'presenceThreshold'>,
  presence: number | undefined,
): boolean {
  if (presenceThreshold === null || presence === undefined) return false;
  return presenceEvidence(map, threshold, presence) < presenceThreshold;
}

/**
 * Evidence of a nerve, 0..1, the mean of two: the model's probability that there is one, and how sure
 * it is of the pixels that it would draw. A young model's presence alone errs on images whose mask is
 * plain to it (docs/reports/models.md).
 *
 * @param map 0..1, on any grid
 */
export function presenceEvidence(map: Float32Array, threshold: number, presence: number): number {
  return (presence + sureness(map, threshold)) / 2;
}

/** Mean probability of the pixels that a threshold makes foreground; 0 where it makes none. */
function sureness(map: Float32Array, threshold: number): number {
  let sum = 0;
  let pixels = 0;
  for (const probability of map) {
    if (probability < threshold) continue;
    sum += probability;
    pixels++;
  }
  return pixels === 0 ? 0 : sum / pixels;
}

/**
 * Cleans a mask (0 or 1, row-major) in place and returns how many pixels are left: holes are filled
 * first, so that they count towards the area; then all but the largest components go (of equal ones
 * the first in row-major order stays), then what is too small. Foreground hangs together over
 * corners, background over edges only, as usual for its counterpart.
 */
export function cleanMask(
  mask: Uint8Array,
  size: GridSize,
  {
    fillHoles,
    largestComponents,
    leastArea,
  }: Pick<PostProcessing, 'fillHoles' | 'largestComponents' | 'leastArea'>,
): number {
  if (fillHoles) fillEnclosed(mask, size);
  const { starts, ends, labels, areas } = componentsOf(mask, size, 1, 8);
  const least = leastArea * mask.length;
  const bySize = [...areas.keys()].sort((a, b) => areas[b]! - areas[a]! || a - b);
  const kept = new Set(
    bySize.slice(0, largestComponents ?? areas.length).filter((label) => areas[label]! >= least),
  );
  let pixels = 0;
  for (const label of kept) pixels += areas[label]!;
  if (kept.size === areas.length) return pixels;
  for (let run = 0; run < starts.length; run++) {
    if (!kept.has(labels[run]!)) mask.fill(0, starts[run], ends[run]);
  }
  return pixels;
}

function fillEnclosed(mask: Uint8Array, size: GridSize): void {
  const { height, width } = size;
  const { starts, ends, labels, areas } = componentsOf(mask, size, 0, 4);
  const isOpen = new Uint8Array(areas.length);
  for (let run = 0; run < starts.length; run++) {
    const start = starts[run]!;
    const end = ends[run]!;
    const isAtEdge =
      start < width || end > (height - 1) * width || start % width === 0 || end % width === 0;
    if (isAtEdge) isOpen[labels[run]!] = 1;
  }
  for (let run = 0; run < starts.length; run++) {
    if (isOpen[labels[run]!] === 0) mask.fill(1, starts[run], ends[run]);
  }
}
