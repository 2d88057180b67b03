/** The latest few of many, and how many there were: memory stays bounded over weeks. */
export interface Recent<T> {
  /** Oldest first. */
  readonly items: readonly T[];
  readonly total: number;
}

export const nothingRecent: Recent<never> = { items: [], total: 0 };

export function remember<T>(recent: Recent<T>, item: T, limit: number): Recent<T> {
  const from = Math.max(0, recent.items.length + 1 - limit);
  return { items: [...recent.items.slice(from), item], total: recent.total + 1 };
}

/** Replaces the newest item; the total stays. */
export function amendLast<T>(recent: Recent<T>, item: T): Recent<T> {
  return { items: [...recent.items.slice(0, -1), item], total: recent.total };
}
