import { randomFrom } from './seeded-random.js';

/**
 * The order in which one epoch visits the samples: the ids sorted by code units, then shuffled
 * (Fisher-Yates). Depends on the set of ids, the seed and the epoch alone, so an interrupted epoch
 * can go on where it was.
 */
export function epochOrder(ids: Iterable<string>, seed: number, epoch: number): string[] {
  const order = [...ids].sort();
  const random = randomFrom(seed, 'epoch-order', epoch);
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    const kept = order[last]!;
    order[last] = order[other]!;
    order[other] = kept;
  }
  return order;
}
