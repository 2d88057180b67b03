/** Sorted in one go, and merged between two yields. */
const atOnce = 512;

/** Sorted as `toSorted` has it. Yields now and then, for the caller to let others run. */
export function* sorted<T>(
  items: readonly T[],
  compare: (a: T, b: T) => number,
): Generator<void, T[]> {
  let runs: T[][] = [];
  for (let at = 0; at < items.length; at += atOnce) {
    runs.push(items.slice(at, at + atOnce).sort(compare));
    yield;
  }
  while (runs.length > 1) {
    const longer: T[][] = [];
    for (let at = 0; at < runs.length; at += 2) {
      longer.push(yield* merged(runs[at]!, runs[at + 1] ?? [], compare));
    }
    runs = longer;
  }
  return runs[0] ?? [];
}

function* merged<T>(a: T[], b: T[], compare: (a: T, b: T) => number): Generator<void, T[]> {
  const all: T[] = [];
  let [inA, inB] = [0, 0];
  while (inA < a.length && inB < b.length) {
    all.push(compare(a[inA]!, b[inB]!) <= 0 ? a[inA++]! : b[inB++]!);
    if (all.length % atOnce === 0) yield;
  }
  return all.concat(a.slice(inA), b.slice(inB));
}
