/** Where each panel lies: pure functions from the terminal's size to rectangles. */

export const panelIds = ['pipeline', 'training', 'predictions', 'failures', 'log'] as const;

export type PanelId = (typeof panelIds)[number];

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export type Layout =
  | { readonly kind: 'too-small' }
  | {
      readonly kind: 'panels';
      readonly header: Rect;
      readonly footer: Rect;
      readonly panels: readonly PlacedPanel[];
    };

export interface PlacedPanel {
  readonly id: PanelId;
  readonly rect: Rect;
}

export const leastSize = { columns: 40, rows: 12 } as const;

/** From this size on, the log stands beside predictions and failures. */
const twoColumns = { columns: 100, rows: 30 } as const;
/** From this size on, training has a column of its own. */
const trainingBeside = { columns: 180, rows: 40 } as const;

/** Lines a panel needs to say anything, to say its say, and the most it can use. */
interface Heights {
  readonly least: number;
  readonly good: number;
  readonly most: number;
}

const heights: Readonly<Record<PanelId, Heights>> = {
  pipeline: { least: 3, good: 7, most: 7 },
  training: { least: 4, good: 7, most: 16 },
  predictions: { least: 1, good: 1, most: 5 },
  failures: { least: 2, good: 3, most: Number.POSITIVE_INFINITY },
  log: { least: 2, good: 4, most: Number.POSITIVE_INFINITY },
};

/** Who gets room first where there is little. */
const priority: readonly PanelId[] = ['training', 'pipeline', 'log', 'predictions', 'failures'];

/**
 * The frame takes one row less than the terminal: a full one would scroll. Panels that find no
 * room are left out, least important first.
 */
export function layout(columns: number, rows: number, wanted: ReadonlySet<PanelId>): Layout {
  if (columns < leastSize.columns || rows < leastSize.rows) return { kind: 'too-small' };
  const margin = columns >= 60 ? 1 : 0;
  const width = columns - 2 * margin;
  const frameRows = rows - 1;
  const header: Rect = { x: margin, y: 0, width, height: 2 };
  const footer: Rect = { x: margin, y: frameRows - 1, width, height: 1 };
  const roomy = rows >= twoColumns.rows ? 1 : 0;
  const top = header.height + roomy;
  const body: Rect = { x: margin, y: top, width, height: frameRows - top - footer.height - roomy };
  return { kind: 'panels', header, footer, panels: arrange(body, columns, rows, wanted) };
}

function arrange(
  body: Rect,
  columns: number,
  rows: number,
  wanted: ReadonlySet<PanelId>,
): PlacedPanel[] {
  const has = (id: PanelId): boolean => wanted.has(id);
  const side: PanelId[] = panelIds.filter((id) => id !== 'training' && has(id));
  if (
    columns >= trainingBeside.columns &&
    rows >= trainingBeside.rows &&
    has('training') &&
    side.length > 0
  ) {
    const [left, right] = splitColumns(body, 0.46);
    return [...stack(left, side), { id: 'training', rect: right }];
  }
  const leftBelow: PanelId[] = (['predictions', 'failures'] as const).filter(has);
  if (
    columns >= twoColumns.columns &&
    rows >= twoColumns.rows &&
    has('log') &&
    leftBelow.length > 0
  ) {
    const above: PanelId[] = (['pipeline', 'training'] as const).filter(has);
    if (above.length === 0) {
      const [left, right] = splitColumns(body, 0.46);
      return [...stack(left, leftBelow), { id: 'log', rect: right }];
    }
    const belowHeight = has('training')
      ? Math.max(8, Math.floor((body.height - heights.pipeline.most) * 0.42))
      : body.height - heights.pipeline.most - 1;
    const [upper, lower] = splitRows(body, belowHeight);
    const [left, right] = splitColumns(lower, 0.46);
    return [...stack(upper, above), ...stack(left, leftBelow), { id: 'log', rect: right }];
  }
  return stack(
    body,
    panelIds.filter((id) => has(id)),
  );
}

/**
 * Panels one below the other. Room goes first to those that must not be left out, then to what
 * each can use well, then to blank lines between them, then to what can grow.
 */
function stack(rect: Rect, ids: readonly PanelId[]): PlacedPanel[] {
  const byPriority = priority.filter((id) => ids.includes(id));
  const height = new Map<PanelId, number>();
  let left = rect.height;
  for (const id of byPriority) {
    if (heights[id].least > left) continue;
    height.set(id, heights[id].least);
    left -= heights[id].least;
  }
  const raise = (limit: (id: PanelId) => number): void => {
    for (const id of byPriority) {
      const now = height.get(id);
      if (now === undefined) continue;
      const more = Math.max(0, Math.min(left, limit(id) - now));
      height.set(id, now + more);
      left -= more;
    }
  };
  raise((id) => heights[id].good);
  const gaps = height.size - 1;
  const gap = gaps > 0 && left >= gaps ? 1 : 0;
  left -= gap * Math.max(0, gaps);
  // Lists share what is left with the curves rather than the first taking it all.
  const growing = byPriority.filter((id) => height.has(id) && heights[id].most > heights[id].good);
  const share = growing.length > 0 ? Math.floor(left / growing.length) : 0;
  raise((id) => Math.min(heights[id].most, (height.get(id) ?? 0) + share));
  raise((id) => heights[id].most);
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

function splitColumns(rect: Rect, share: number): [Rect, Rect] {
  const gap = 3;
  const width = Math.floor((rect.width - gap) * share);
  return [
    { ...rect, width },
    { ...rect, x: rect.x + width + gap, width: rect.width - width - gap },
  ];
}

function splitRows(rect: Rect, lower: number): [Rect, Rect] {
  const height = Math.min(lower, rect.height - 1);
  const upper = rect.height - height - 1;
  return [
    { ...rect, height: upper },
    { ...rect, y: rect.y + upper + 1, height },
  ];
}
