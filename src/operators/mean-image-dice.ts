import { imageDice } from './dice.js';
import type { GridSize } from './image.js';
import { fail, ok, type Result } from './result.js';
import { decodeRle } from './rle.js';

/**
 * Mean per-image Dice of predicted rows against true ones, on the original grid, as Kaggle scores
 * it. Every true row counts; one without a prediction counts as an empty mask.
 *
 * @param truth test id to RLE
 * @param predicted test id to RLE with its grid
 */
export function meanImageDice(
  truth: ReadonlyMap<string, string>,
  predicted: ReadonlyMap<string, { readonly rle: string } & GridSize>,
): Result<number> {
  if (truth.size === 0) return fail('NO_TRUTH', 'there is no truth to score against');
  let sum = 0;
  for (const [id, trueRle] of truth) {
    const row = predicted.get(id);
    if (row === undefined) {
      sum += trueRle === '' ? 1 : 0;
      continue;
    }
    const wanted = decodeRle(trueRle, row);
    const found = decodeRle(row.rle, row);
    if (!wanted.ok) return wanted;
    if (!found.ok) return found;
    sum += imageDice(wanted.value, found.value);
  }
  return ok(sum / truth.size);
}
