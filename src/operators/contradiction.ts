import type { LeftOutReason } from '../events.js';
import { imageDice } from './dice.js';
import { groupBy } from './group-by.js';
import type { GridSize } from './image.js';
import type { AlignedSimilarity } from './near-duplicate.js';

/** Two outlines of one thing overlap by more than this, however differently two people draw. */
export const leastAgreement = 0.4;

/** What an outline counts against empty masks: who draws one has seen something, who draws none may have missed it. */
const outlineWeight = 3;

/** Two near-duplicates, by their positions in a list. */
export interface NearPair {
  readonly a: number;
  readonly b: number;
  readonly similarity: number;
  /** Image Dice of the two masks, laid over one another as the images are; empty against empty is 1. */
  readonly dice: number;
}

export interface LeftOut {
  readonly index: number;
  readonly reason: LeftOutReason;
  /** The most alike of the near-duplicates that contradict it. */
  readonly against: number;
  readonly similarity: number;
  readonly dice: number;
}

export function isContradiction({ dice }: NearPair): boolean {
  return dice < leastAgreement;
}

/** Image Dice of two masks of 0 and 1, the second moved back by the shift between their images. */
export function alignedDice(
  first: Uint8Array,
  second: Uint8Array,
  { height, width }: GridSize,
  { right, down }: Pick<AlignedSimilarity, 'right' | 'down'>,
): number {
  const columns = Math.round(right * width);
  const rows = Math.round(down * height);
  if (columns === 0 && rows === 0) return imageDice(first, second);
  const moved = new Uint8Array(second.length);
  for (let row = Math.max(0, -rows); row < Math.min(height, height - rows); row++) {
    const from = (row + rows) * width + columns;
    for (let column = Math.max(0, -columns); column < Math.min(width, width - columns); column++) {
      moved[row * width + column] = second[from + column]!;
    }
  }
  // A mask at the very edge may have been moved out: it is not empty for that.
  return imageDice(first, moved.includes(1) ? moved : second);
}

/**
 * Which of a subject's samples to leave out, so that no two near-duplicates that remain contradict
 * each other. Each near-duplicate has a vote, an outline's counts three empty masks'. Again and
 * again the sample goes whose contradiction outweighs its support most: so of a lone pair the empty
 * one goes, of many the one that is alone. Where two outlines have equal support, both go: nobody
 * can tell which is right.
 *
 * @param isEmpty of each sample's mask
 * @returns in ascending order; the same whatever the order of `pairs`
 */
export function chooseLeftOut(isEmpty: readonly boolean[], pairs: readonly NearPair[]): LeftOut[] {
  const weight = (index: number): number => (isEmpty[index] ? 1 : outlineWeight);
  const bothWays = pairs.flatMap((pair) => [
    { of: pair.a, index: pair.b, pair },
    { of: pair.b, index: pair.a, pair },
  ]);
  const neighbours = groupBy(bothWays, ({ of }) => of);
  const doubts = new Map<number, number>();
  const weigh = (index: number): void => {
    let against = 0;
    let support = weight(index);
    for (const { index: other, pair } of neighbours.get(index) ?? []) {
      if (leftOut.has(other)) continue;
      if (isContradiction(pair)) against += weight(other);
      else support += weight(other);
    }
    if (against > 0) doubts.set(index, against / support);
    else doubts.delete(index);
  };
  const leftOut = new Map<number, LeftOut>();
  for (const index of neighbours.keys()) weigh(index);
  while (doubts.size > 0) {
    const most = Math.max(...doubts.values());
    const doubted = [...doubts].filter(([, doubt]) => doubt === most).map(([index]) => index);
    const empty = doubted.filter((index) => isEmpty[index]);
    const going = empty.length > 0 ? empty : doubted;
    // Told before any of them has gone: those of one round contradict one another, it may be.
    const told = going.map((index) =>
      whyLeftOut(
        index,
        isEmpty,
        (neighbours.get(index) ?? []).filter(({ index: other }) => !leftOut.has(other)),
      ),
    );
    for (const each of told) {
      leftOut.set(each.index, each);
      doubts.delete(each.index);
    }
    for (const index of going) {
      for (const { index: other } of neighbours.get(index) ?? []) {
        if (!leftOut.has(other)) weigh(other);
      }
    }
  }
  return [...leftOut.values()].sort((x, y) => x.index - y.index);
}

function whyLeftOut(
  index: number,
  isEmpty: readonly boolean[],
  neighbours: readonly { readonly index: number; readonly pair: NearPair }[],
): LeftOut {
  const [first] = neighbours
    .filter(({ pair }) => isContradiction(pair))
    .sort((x, y) => y.pair.similarity - x.pair.similarity || x.index - y.index);
  const { index: against, pair } = first!;
  const reason: LeftOutReason = isEmpty[index]
    ? 'empty-against-outlined'
    : isEmpty[against]
      ? 'outlined-against-empty'
      : 'outline-elsewhere';
  return { index, reason, against, similarity: pair.similarity, dice: pair.dice };
}
