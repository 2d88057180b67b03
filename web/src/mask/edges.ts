import type { Bitmap } from './bitmap.js';

/** A line along pixels' edges: from (x0, y0) to (x1, y1), in pixels. */
export type Edge = readonly [x0: number, y0: number, x1: number, y1: number];

/** All edges between foreground and background, straight ones in one piece. */
export function edgesOf({ height, width, pixels }: Bitmap): Edge[] {
  const at = (row: number, column: number) =>
    row < 0 || column < 0 || row >= height || column >= width ? 0 : pixels[row * width + column]!;
  const edges: Edge[] = [];
  for (let row = 0; row <= height; row++) {
    const isEdge = (column: number) => at(row - 1, column) !== at(row, column);
    for (const [from, to] of runsOf(width, isEdge)) edges.push([from, row, to, row]);
  }
  for (let column = 0; column <= width; column++) {
    const isEdge = (row: number) => at(row, column - 1) !== at(row, column);
    for (const [from, to] of runsOf(height, isEdge)) edges.push([column, from, column, to]);
  }
  return edges;
}

function* runsOf(length: number, holds: (at: number) => boolean): Generator<[number, number]> {
  let from = -1;
  for (let at = 0; at <= length; at++) {
    const isIn = at < length && holds(at);
    if (isIn && from < 0) from = at;
    if (isIn || from < 0) continue;
    yield [from, at];
    from = -1;
  }
}
