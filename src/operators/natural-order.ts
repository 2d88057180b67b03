/** Made when it is needed: that takes longer than many comparisons. */
let collator: Intl.Collator | undefined;

/** Kaggle's numbers stand as numbers, others in natural order: `a2` before `a10`. A total order. */
export function compareNaturally(a: string | number, b: string | number): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [left, right] = [String(a), String(b)];
  collator ??= new Intl.Collator('en', { numeric: true });
  return collator.compare(left, right) || (left < right ? -1 : +(left > right));
}
