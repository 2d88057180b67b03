import { heightsOf, tall } from './panel-heights.js';
import { type PanelId, panelIds } from './panel-ids.js';
import type { Rect } from './rect.js';
import { type PlacedPanel, stackPanels } from './stack-panels.js';

export type Layout =
  | { readonly kind: 'too-small' }
  | {
      readonly kind: 'panels';
      readonly header: Rect;
      readonly footer: Rect;
      readonly panels: readonly PlacedPanel[];
    };

export const leastSize = { columns: 40, rows: 12 } as const;

/** From this size on, what came of it stands in a column beside what goes on, and both have room. */
const twoColumns = { columns: 115, rows: 30 } as const;
/** From this size on, where all is in one column, a picture stands beside the figures. */
const pictureBeside = { columns: 80, rows: 24 } as const;
/** Figures of a training fill this width; what is left of a line is the picture's. */
const figuresColumn = 50;
const mostBeside = 48;
/** What came of it; the rest is what goes on. */
const aside: ReadonlySet<PanelId> = new Set(['picture', 'predictions', 'system', 'failures']);
const columnGap = 3;

/**
 * Where each panel lies. The frame takes one row less than the terminal: a full one would scroll.
 * Panels that find no room are left out, least important first.
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
  const ids = panelIds.filter((id) => wanted.has(id));
  const main = ids.filter((id) => !aside.has(id));
  const side = ids.filter((id) => aside.has(id));
  if (!isWide(columns, rows) || main.length === 0 || side.length === 0) {
    const stacked = stackPanels(body, ids);
    const isLost = ids.includes('picture') && !stacked.some(({ id }) => id === 'picture');
    const hasRoom = columns >= pictureBeside.columns && rows >= pictureBeside.rows;
    return isLost && hasRoom ? besidePicture(body, ids) : stacked;
  }
  const [left, right] = splitColumns(body, side.includes('picture') ? 0.7 : 0.6);
  return [...stackPanels(left, main), ...sideColumn(right, side)];
}

/** Whether panels stand in two columns. */
export function isWide(columns: number, rows: number): boolean {
  return columns >= twoColumns.columns && rows >= twoColumns.rows;
}

/** The table of the pipeline needs the whole width; below it the picture beside all the others. */
function besidePicture(body: Rect, ids: readonly PanelId[]): PlacedPanel[] {
  const table = ids.filter((id) => id === 'pipeline');
  const others = ids.filter((id) => id !== 'pipeline' && id !== 'picture');
  const tableRows = table.length === 0 ? 0 : body.height >= 22 ? 8 : 6;
  const below = { ...body, y: body.y + tableRows, height: body.height - tableRows };
  const width = Math.min(mostBeside, body.width - figuresColumn - 2);
  const left = { ...below, width: body.width - width - 2 };
  const right = { ...below, x: body.x + left.width + 2, width };
  return [
    ...table.map((id) => ({ id, rect: { ...body, height: Math.min(7, tableRows) } })),
    ...stackPanels(left, others, { training: 8 }),
    { id: 'picture', rect: right },
  ];
}

/** The picture as large as it goes, if the others still say their say. */
function sideColumn(rect: Rect, ids: readonly PanelId[]): PlacedPanel[] {
  if (!ids.includes('picture') || ids.length === 1) return stackPanels(rect, ids);
  const others = ids.filter((id) => id !== 'picture');
  const { least, most } = heightsOf('picture', rect);
  const saying = rect.height >= tall ? 5 : 1;
  const needed = others.reduce((sum, id) => sum + 1 + (id === 'failures' ? 3 : saying), 0);
  const height = Math.min(most, Math.max(least, rect.height - needed));
  const below = { ...rect, y: rect.y + height + 1, height: rect.height - height - 1 };
  return [{ id: 'picture', rect: { ...rect, height } }, ...stackPanels(below, others)];
}

function splitColumns(rect: Rect, share: number): [Rect, Rect] {
  const width = Math.floor((rect.width - columnGap) * share);
  return [
    { ...rect, width },
    { ...rect, x: rect.x + width + columnGap, width: rect.width - width - columnGap },
  ];
}
