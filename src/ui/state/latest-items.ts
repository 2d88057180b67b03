/** The latest few of many, and how many there were: memory stays bounded over weeks. */
export interface LatestItems<T> {
  /** Oldest first. */
  readonly items: readonly T[];
  readonly total: number;
}

export const noItems: LatestItems<never> = { items: [], total: 0 };

export function addItem<T>(recent: LatestItems<T>, item: T, limit: number): LatestItems<T> {
  const from = Math.max(0, recent.items.length + 1 - limit);
  return { items: [...recent.items.slice(from), item], total: recent.total + 1 };
}

/** Replaces the newest item; the total stays. */
export function replaceNewest<T>(recent: LatestItems<T>, item: T): LatestItems<T> {
  return { items: [...recent.items.slice(0, -1), item], total: recent.total };
}
