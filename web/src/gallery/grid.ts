/** How a list lies in rows of equal tiles. */
export interface Grid {
  readonly columns: number;
  readonly tileWidth: number;
  readonly tileHeight: number;
  /** Of all rows. */
  readonly height: number;
}

const leastTileWidth = 168;
const textHeight = 46;
const gap = 8;

/** As many columns as there is room for; their tiles fill the width. */
export function gridOf(width: number, total: number): Grid {
  const columns = Math.max(1, Math.floor((width + gap) / (leastTileWidth + gap)));
  const tileWidth = Math.max(1, Math.floor((width - (columns - 1) * gap) / columns));
  const tileHeight = Math.round(tileWidth * 0.72) + textHeight;
  const rows = Math.ceil(total / columns);
  return { columns, tileWidth, tileHeight, height: rows * (tileHeight + gap) };
}

/** The tiles to be drawn, from `first` up to but not with `end`: those seen, and two rows around. */
export function seen(
  { columns, tileHeight }: Grid,
  total: number,
  scrollTop: number,
  viewHeight: number,
): { first: number; end: number } {
  const rowHeight = tileHeight + gap;
  const firstRow = Math.max(0, Math.floor(scrollTop / rowHeight) - 2);
  const endRow = Math.ceil((scrollTop + viewHeight) / rowHeight) + 2;
  return { first: Math.min(total, firstRow * columns), end: Math.min(total, endRow * columns) };
}

export function placeOf({ columns, tileWidth, tileHeight }: Grid, index: number) {
  const left = (index % columns) * (tileWidth + gap);
  return { left, top: Math.floor(index / columns) * (tileHeight + gap) };
}

/** Where to scroll, so that a tile is seen whole. */
export function scrollTo(grid: Grid, index: number, scrollTop: number, viewHeight: number): number {
  const { top } = placeOf(grid, index);
  if (top < scrollTop) return top;
  const bottom = top + grid.tileHeight;
  return bottom > scrollTop + viewHeight ? bottom - viewHeight : scrollTop;
}
