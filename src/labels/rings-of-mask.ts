import type { GridSize } from '../operators/image.js';

/**
 * The outlines of a mask along the edges of its pixels, x and y by turns, corners only: filled, they are the
 * mask again, to the pixel. Parts that touch at a corner have a ring each.
 *
 * @param mask 0 or 1, row-major
 */
export function ringsOfMask(
  mask: Uint8Array,
  size: GridSize,
): { outer: number[][]; holes: number[][] } {
  const { height, width } = size;
  const isIn = (x: number, y: number) =>
    x >= 0 && y >= 0 && x < width && y < height && mask[y * width + x] === 1;
  const columns = width + 1;
  /** By the corner where it begins: the ways that an edge leads on, foreground at its right. */
  const edges = new Map<number, Way[]>();
  const add = (x: number, y: number, way: Way) => {
    const at = y * columns + x;
    const there = edges.get(at);
    if (there === undefined) edges.set(at, [way]);
    else there.push(way);
  };
  for (let at = mask.indexOf(1); at !== -1; at = mask.indexOf(1, at + 1)) {
    const x = at % width;
    const y = (at - x) / width;
    if (!isIn(x, y - 1)) add(x, y, right);
    if (!isIn(x + 1, y)) add(x + 1, y, down);
    if (!isIn(x, y + 1)) add(x + 1, y + 1, left);
    if (!isIn(x - 1, y)) add(x, y + 1, up);
  }
  const outer: number[][] = [];
  const holes: number[][] = [];
  for (const start of edges.keys()) {
    while (edges.has(start)) {
      const ring = follow(edges, start, columns);
      (areaOf(ring) > 0 ? outer : holes).push(ring);
    }
  }
  return { outer, holes };
}

type Way = 0 | 1 | 2 | 3;
const right = 0;
const down = 1;
const left = 2;
const up = 3;
const alongX = [1, 0, -1, 0] as const;
const alongY = [0, 1, 0, -1] as const;

/** Takes the edges of one ring away. */
function follow(edges: Map<number, Way[]>, start: number, columns: number): number[] {
  const ring: number[] = [];
  let at = start;
  let before: Way | null = null;
  do {
    const ways = edges.get(at)!;
    // Where two parts touch at a corner it stays with its own.
    const sharp: Way = before === null ? ways[0]! : (((before + 1) % 4) as Way);
    const way: Way = ways.includes(sharp) ? sharp : ways[0]!;
    if (ways.length === 1) edges.delete(at);
    else ways.splice(ways.indexOf(way), 1);
    if (way !== before) ring.push(at % columns, Math.floor(at / columns));
    at += alongX[way]! + alongY[way]! * columns;
    before = way;
  } while (at !== start);
  return ring;
}

/** Twice the area; negative of a hole. */
function areaOf(ring: readonly number[]): number {
  let area = 0;
  for (let at = 0; at < ring.length; at += 2) {
    const next = (at + 2) % ring.length;
    area += ring[at]! * ring[next + 1]! - ring[next]! * ring[at + 1]!;
  }
  return area;
}
