import { type Heights, heightsOf } from './panel-heights.js';
import type { PanelId } from './panel-ids.js';
import type { Rect } from './rect.js';

export interface PlacedPanel {
  readonly id: PanelId;
  readonly rect: Rect;
}

/** Who gets room first where there is little. */
const priority: readonly PanelId[] = ['training', 'pipeline', 'log', 'predictions', 'failures'];
/** These come after the others have what they can use well. */
const extras: readonly PanelId[] = ['picture', 'system'];
/** Panels of a few figures. */
const facts: ReadonlySet<PanelId> = new Set(['predictions', 'system']);

/**
 * Panels one below the other. Room goes first to those that must not be left out, then to what
 * each can use well, then to blank lines between them, then to what can grow.
 */
export function stackPanels(
  rect: Rect,
  ids: readonly PanelId[],
  good: Partial<Record<PanelId, number>> = {},
): PlacedPanel[] {
  const byPriority = [...priority, ...extras].filter((id) => ids.includes(id));
  const heights = (id: PanelId): Heights => {
    const usual = heightsOf(id, rect);
    return { ...usual, good: Math.max(usual.good, good[id] ?? 0) };
  };
  const height = new Map<PanelId, number>();
  let left = rect.height;
  const place = (id: PanelId): void => {
    if (heights(id).least > left) return;
    height.set(id, heights(id).least);
    left -= heights(id).least;
  };
  for (const id of byPriority) if (!extras.includes(id)) place(id);
  const raise = (limit: (id: PanelId) => number): void => {
    for (const id of byPriority) {
      const now = height.get(id);
      if (now === undefined) continue;
      const more = Math.max(0, Math.min(left, limit(id) - now));
      height.set(id, now + more);
      left -= more;
    }
  };
  raise((id) => heights(id).good);
  for (const id of byPriority) if (extras.includes(id)) place(id);
  raise((id) => heights(id).good);
  const gaps = height.size - 1;
  const gap = gaps > 0 && left >= gaps ? 1 : 0;
  left -= gap * Math.max(0, gaps);
  // What has only a few lines to say may say all of them.
  raise((id) => (facts.has(id) ? heights(id).most : 0));
  // Lists share what is left with the curves rather than the first taking it all.
  const growing = byPriority.filter((id) => height.has(id) && heights(id).most > heights(id).good);
  const share = growing.length > 0 ? Math.floor(left / growing.length) : 0;
  raise((id) => Math.min(heights(id).most, (height.get(id) ?? 0) + share));
  raise((id) => heights(id).most);
  // Alone on the screen, a panel has all of it.
  if (height.size === 1) raise(() => Number.POSITIVE_INFINITY);

  const placed: PlacedPanel[] = [];
  let { y } = rect;
  for (const id of ids) {
    const rows = height.get(id);
    if (rows === undefined) continue;
    placed.push({ id, rect: { x: rect.x, y, width: rect.width, height: rows } });
    y += rows + gap;
  }
  return placed;
}
