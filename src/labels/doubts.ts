import type { SampleArray } from '../formats/frames.js';
import type { GreyImage } from '../operators/image.js';
import type { Doubt } from './doubt.js';

/** A mask that covers more is doubtful: what is labelled is a part of the picture. */
const mostCovered = 0.5;
/** The same where outlines were filled: a head may fill its picture. */
const mostEnclosed = 0.9;
/** A photograph has more grey levels in its middle range than a soft edge leaves there. */
const mostSteps = 32;
/** And the share of pixels at neither end of the range is larger. */
const mostInBetween = 0.25;

export interface DoubtContext {
  readonly kind?: 'filled' | 'outline';
  /** Somebody has said what is foreground, so that it may well be most of the picture. */
  readonly isSettled?: boolean;
  /** The mask file's values, one a pixel, before they became 0 and 1, where they are at hand. */
  readonly values?: SampleArray;
  /** Its image's grey, one a pixel, as it is in its file, where it is at hand. */
  readonly image?: SampleArray;
}

/**
 * What looks wrong with a mask (0 and 1), the worst first: one of all foreground, of more than half of
 * the picture (nine tenths for filled outlines), of the picture's whole border; one whose values
 * are a photograph's, or just its image's. An empty mask is never doubtful.
 */
export function doubtsOf(mask: GreyImage, context: DoubtContext = {}): Doubt[] {
  const { kind = 'filled', isSettled = false, values, image } = context;
  const doubts: Doubt[] = [];
  const { height, width, data } = mask;
  const area = data.reduce((sum, value) => sum + value, 0);
  const covered = area / (height * width);
  if (area > 0 && area === data.length) {
    doubts.push({ code: 'MASK_ALL_FOREGROUND', message: 'all of it is foreground' });
  } else if (!isSettled) {
    const percent = `${(100 * covered).toFixed(1)} %`;
    if (covered > (kind === 'outline' ? mostEnclosed : mostCovered)) {
      const message = `foreground covers ${percent} of the image; if that is the background, --mask-polarity black turns it round`;
      doubts.push({ code: 'MASK_COVERS_MOST', message });
    }
    if (isOnWholeBorder(mask)) {
      const message = 'all along the border of the image there is foreground';
      doubts.push({ code: 'MASK_ON_BORDER', message });
    }
  }
  if (values === undefined) return doubts;
  if (image !== undefined && isSame(values, image) && area > 0) {
    doubts.push({ code: 'MASK_IS_ITS_IMAGE', message: 'it is the same picture as its image' });
  }
  const steps = stepsOf(values);
  if (steps.levels > mostSteps && steps.share > mostInBetween) {
    const message = `it has ${steps.levels} levels of grey, as a photograph has`;
    doubts.push({ code: 'MASK_LOOKS_LIKE_PHOTOGRAPH', message });
  }
  return doubts;
}

/** Of a set to train on: the pairs, and how many of them have a mask that is not empty. */
export function doubtsOfSet({ pairs, positive }: { pairs: number; positive: number }): Doubt[] {
  if (pairs === 0 || positive > 0) return [];
  const message = `not one of the ${pairs} masks has any foreground: a model learns nothing from them, and its Dice of 1 means nothing`;
  return [{ code: 'MASKS_ALL_EMPTY', message }];
}

function isOnWholeBorder({ height, width, data }: GreyImage): boolean {
  if (data.indexOf(0) !== -1 && data.indexOf(0) < width) return false;
  if (data.lastIndexOf(0) >= (height - 1) * width) return false;
  for (let at = 0; at < data.length; at += width) {
    if (data[at] === 0 || data[at + width - 1] === 0) return false;
  }
  return data.length > 0;
}

function isSame(a: SampleArray, b: SampleArray): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}

/** Levels, and pixels' share of them, between a sixteenth and fifteen sixteenths of the strongest. */
function stepsOf(values: SampleArray): { levels: number; share: number } {
  const counts = new Map<number, number>();
  let strongest = 0;
  let run = 0;
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!;
    run++;
    if (value === values[at + 1]) continue;
    counts.set(value, (counts.get(value) ?? 0) + run);
    run = 0;
    if (value > strongest) strongest = value;
  }
  const between = [...counts].filter(
    ([value]) => value > strongest / 16 && value < (15 * strongest) / 16,
  );
  const pixels = between.reduce((sum, [, count]) => sum + count, 0);
  return { levels: between.length, share: pixels / Math.max(values.length, 1) };
}
