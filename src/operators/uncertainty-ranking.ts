import type { UncertaintyRanking } from '../events.js';
import { rankCorrelationOf } from './correlation.js';
import { meanOf } from './statistics.js';

/**
 * How well uncertainty tells good masks from bad ones: its rank correlation with 1 - Dice, and the
 * Dice of the half that is surest beside that of the rest. Of an odd number the one in the middle is
 * of the rest; equal ones keep their order.
 */
export function uncertaintyRanking(
  images: readonly { readonly uncertainty: number; readonly dice: number }[],
): UncertaintyRanking {
  const surestFirst = images.toSorted((a, b) => a.uncertainty - b.uncertainty);
  const half = images.length >> 1;
  const diceOf = ({ dice }: { readonly dice: number }) => dice;
  return {
    correlation: rankCorrelationOf(
      images.map(({ uncertainty }) => uncertainty),
      images.map(({ dice }) => 1 - dice),
    ),
    surestHalfDice: half === 0 ? null : meanOf(surestFirst.slice(0, half), diceOf),
    otherHalfDice: half === 0 ? null : meanOf(surestFirst.slice(half), diceOf),
  };
}
