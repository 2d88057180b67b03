/**
 * Backpressure: the next value is taken only when one of `atOnce` places is free, until there is
 * none. (`mergeMap` would take all of them at once and keep them waiting.)
 */
export async function pull<T>(
  take: () => T | null,
  work: (value: T) => Promise<void>,
  atOnce: number,
): Promise<void> {
  const place = async () => {
    for (let next = take(); next !== null; next = take()) await work(next);
  };
  await Promise.all(Array.from({ length: atOnce }, place));
}
