import type { GridSize } from '../operators/image.js';

/**
 * The counts of COCO's compressed runs, background first. Each count is written in characters from
 * `0` on, five bits each, the lowest first, a sixth says that more follow; from the fourth
 * count on it is the difference to the one two before. Null where a text is none of these.
 */
export function countsOfText(text: string): number[] | null {
  const counts: number[] = [];
  for (let at = 0; at < text.length; ) {
    let value = 0;
    let weight = 1;
    let bits: number;
    do {
      bits = text.charCodeAt(at++) - 48;
      // Beyond the text this is not a number; 2 ** 35 exceeds any image.
      if (!(bits >= 0 && bits < 64) || weight > 2 ** 30) return null;
      value += (bits & 31) * weight;
      weight *= 32;
    } while ((bits & 32) !== 0);
    if ((bits & 16) !== 0) value -= weight;
    if (counts.length > 2) value += counts[counts.length - 2]!;
    if (value < 0) return null;
    counts.push(value);
  }
  return counts;
}

/** Such a text of counts. */
export function textOfCounts(counts: readonly number[]): string {
  let text = '';
  for (const [nth, count] of counts.entries()) {
    let value = nth > 2 ? count - counts[nth - 2]! : count;
    let isLast: boolean;
    do {
      const bits = value & 31;
      value >>= 5;
      isLast = (bits & 16) === 0 ? value === 0 : value === -1;
      text += String.fromCharCode(48 + bits + (isLast ? 0 : 32));
    } while (!isLast);
  }
  return text;
}

/** The counts of Kaggle's run lengths (`operators/rle.ts`): both go down the columns. */
export function countsOfRle(rle: string, { height, width }: GridSize): number[] {
  const counts: number[] = [];
  const words = rle === '' ? [] : rle.split(' ').map(Number);
  let end = 0;
  for (let at = 0; at < words.length; at += 2) {
    const first = words[at]! - 1;
    counts.push(first - end, words[at + 1]!);
    end = first + words[at + 1]!;
  }
  if (end < height * width) counts.push(height * width - end);
  return counts;
}
