/**
 * The tutorial's Dice coefficient, over a whole batch as if it were one image, with probabilities
 * as they are: (2 * sum(t * p) + smooth) / (sum(t) + sum(p) + smooth).
 *
 * @param truth 0 or 1, [count, height, width] flattened.
 * @param probabilities 0..1, of the same length.
 */
export function batchDice(
  truth: Uint8Array | Float32Array,
  probabilities: Float32Array,
  smooth = 1,
): number {
  sameLength(truth, probabilities);
  let both = 0;
  let either = 0;
  for (let index = 0; index < truth.length; index++) {
    const wanted = truth[index]!;
    const found = probabilities[index]!;
    both += wanted * found;
    either += wanted + found;
  }
  return (2 * both + smooth) / (either + smooth);
}

/**
 * The Dice coefficient that Kaggle scores, of one image's two masks: 2 |A and B| / (|A| + |B|), and
 * 1 where both are empty. Anything but 0 is foreground.
 */
export function imageDice(truth: Uint8Array, mask: Uint8Array): number {
  sameLength(truth, mask);
  let both = 0;
  let either = 0;
  for (let index = 0; index < truth.length; index++) {
    const wanted = truth[index] === 0 ? 0 : 1;
    const found = mask[index] === 0 ? 0 : 1;
    both += wanted & found;
    either += wanted + found;
  }
  return either === 0 ? 1 : (2 * both) / either;
}

function sameLength(a: ArrayLike<number>, b: ArrayLike<number>): void {
  if (a.length !== b.length) throw new RangeError(`${a.length} pixels against ${b.length}`);
}
