/** Where each panel lies: pure functions from the terminal's size to rectangles. */

export const panelIds = [
  'pipeline',
  'training',
  'picture',
  'predictions',
  'system',
  'failures',
  'log',
] as const;

export type PanelId = (typeof panelIds)[number];

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Whether they are the same place. */
export function isAt(a: Rect, b: Rect): boolean {
  return a.x === b.x && a.y === b.y && a.width === b.width && a.height === b.height;
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

/** From this size on, what came of it stands in a column beside what goes on, and both have room. */
const twoColumns = { columns: 115, rows: 30 } as const;
/** From this size on, where all is in one column, a picture stands beside the figures. */
const pictureBeside = { columns: 80, rows: 24 } as const;
/** Figures of a training fill this width; what is left of a line is the picture's. */
const figuresColumn = 50;
const mostBeside = 48;
/** What came of it; the rest is what goes on. */
const aside: ReadonlySet<PanelId> = new Set(['picture', 'predictions', 'system', 'failures']);
/** Panels of a few figures. */
const facts: ReadonlySet<PanelId> = new Set(['predictions', 'system']);
const columnGap = 3;

/** Lines a panel needs to say anything, to say its say, and the most it can use. */
interface Heights {
  readonly least: number;
  readonly good: number;
  readonly most: number;
}

/** From this height on, a column has room for curves. */
const tall = 30;

/** Of a picture's height, for its usual shape: pixels are square, two to a cell. */
const pictureRows = (width: number): number => Math.ceil(width * 0.4) + 3;

function heightsOf(id: PanelId, { width, height }: Pick<Rect, 'width' | 'height'>): Heights {
  const isTall = height >= tall;
  switch (id) {
    case 'pipeline':
      return { least: 3, good: 7, most: 7 };
    case 'training':
      // Where there is room for it, three curves stand beside and below the figures.
      return { least: 4, good: isTall && width >= 72 ? 19 : 7, most: width >= 72 ? 26 : 16 };
    case 'picture':
      return { least: 8, good: Math.min(pictureRows(width), 17), most: pictureRows(width) };
    case 'predictions':
    case 'system':
      // With a line for the model that was chosen, or for a GPU.
      return { least: 1, good: 1, most: 6 };
    case 'failures':
      return { least: 2, good: 3, most: Number.POSITIVE_INFINITY };
    case 'log':
      return { least: 2, good: 4, most: Number.POSITIVE_INFINITY };
  }
}

/** Who gets room first where there is little. */
const priority: readonly PanelId[] = ['training', 'pipeline', 'log', 'predictions', 'failures'];
/** These come after the others have what they can use well. */
const extras: readonly PanelId[] = ['picture', 'system'];

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
  const ids = panelIds.filter((id) => wanted.has(id));
  const main = ids.filter((id) => !aside.has(id));
  const side = ids.filter((id) => aside.has(id));
  if (!isWide(columns, rows) || main.length === 0 || side.length === 0) {
    const stacked = stack(body, ids);
    const isLost = ids.includes('picture') && !stacked.some(({ id }) => id === 'picture');
    const hasRoom = columns >= pictureBeside.columns && rows >= pictureBeside.rows;
    return isLost && hasRoom ? besidePicture(body, ids) : stacked;
  }
  const [left, right] = splitColumns(body, side.includes('picture') ? 0.7 : 0.6);
  return [...stack(left, main), ...sideColumn(right, side)];
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
    ...stack(left, others, { training: 8 }),
    { id: 'picture', rect: right },
  ];
}

/** The picture as large as it goes, if the others still say their say. */
function sideColumn(rect: Rect, ids: readonly PanelId[]): PlacedPanel[] {
  if (!ids.includes('picture') || ids.length === 1) return stack(rect, ids);
  const others = ids.filter((id) => id !== 'picture');
  const { least, most } = heightsOf('picture', rect);
  const saying = rect.height >= tall ? 5 : 1;
  const needed = others.reduce((sum, id) => sum + 1 + (id === 'failures' ? 3 : saying), 0);
  const height = Math.min(most, Math.max(least, rect.height - needed));
  const below = { ...rect, y: rect.y + height + 1, height: rect.height - height - 1 };
  return [{ id: 'picture', rect: { ...rect, height } }, ...stack(below, others)];
}

/**
 * Panels one below the other. Room goes first to those that must not be left out, then to what
 * each can use well, then to blank lines between them, then to what can grow.
 */
function stack(
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

function splitColumns(rect: Rect, share: number): [Rect, Rect] {
  const width = Math.floor((rect.width - columnGap) * share);
  return [
    { ...rect, width },
    { ...rect, x: rect.x + width + columnGap, width: rect.width - width - columnGap },
  ];
}
