import type { GridSize } from './image.js';

/** Which neighbours belong together: 4 share an edge, 8 an edge or a corner. */
export type Connectivity = 4 | 8;

/** The parts of a mask that hang together, as runs of pixels within a row. */
export interface Components {
  /** Of each run, in row-major order: index of its first pixel, and of the one after its last. */
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  /** Of each run: the component it belongs to, 0.. in the order of their first pixels. */
  readonly labels: Int32Array;
  /** Pixels of each component. */
  readonly areas: readonly number[];
}

/**
 * Connected components of the pixels that are `value`, by union-find over runs: the work grows with
 * the runs, not the pixels, of which an engine skips thousands at a time.
 *
 * @param mask 0 or 1, row-major.
 */
export function componentsOf(
  mask: Uint8Array,
  { height, width }: GridSize,
  value: 0 | 1,
  connectivity: Connectivity,
): Components {
  if (mask.length !== height * width) {
    throw new RangeError(`a mask of ${mask.length} pixels is not ${height}x${width}`);
  }
  const { starts, ends } = runsOf(mask, width, value);
  const parents = Int32Array.from(starts.keys());
  const reach = connectivity === 8 ? 1 : 0;
  let above = 0;
  for (let run = 0; run < starts.length; run++) {
    const start = starts[run]!;
    const row = Math.floor(start / width);
    // Columns of the row above that touch this run.
    const from = Math.max(start - width - reach, (row - 1) * width);
    const to = Math.min(ends[run]! - width + reach, row * width);
    while (above < run && ends[above]! <= from) above++;
    for (let other = above; other < run && starts[other]! < to; other++) unite(parents, other, run);
  }
  return { starts, ends, ...labelled(parents, starts, ends) };
}

function runsOf(
  mask: Uint8Array,
  width: number,
  value: 0 | 1,
): { starts: number[]; ends: number[] } {
  const starts: number[] = [];
  const ends: number[] = [];
  /** First pixel of another value; looked up once for a run over many rows. */
  let until = 0;
  for (let at = mask.indexOf(value); at !== -1; ) {
    if (until <= at) {
      until = mask.indexOf(1 - value, at);
      if (until === -1) until = mask.length;
    }
    const end = Math.min(until, (Math.floor(at / width) + 1) * width);
    starts.push(at);
    ends.push(end);
    at = end < until ? end : mask.indexOf(value, end);
  }
  return { starts, ends };
}

function rootOf(parents: Int32Array, run: number): number {
  let root = run;
  while (parents[root] !== root) root = parents[root]!;
  for (let at = run; at !== root; ) {
    const next = parents[at]!;
    parents[at] = root;
    at = next;
  }
  return root;
}

/** The earlier run stays the root, so that labels come in the order of first pixels. */
function unite(parents: Int32Array, a: number, b: number): void {
  const rootA = rootOf(parents, a);
  const rootB = rootOf(parents, b);
  if (rootA < rootB) parents[rootB] = rootA;
  else parents[rootA] = rootB;
}

function labelled(
  parents: Int32Array,
  starts: readonly number[],
  ends: readonly number[],
): Pick<Components, 'labels' | 'areas'> {
  const labels = new Int32Array(parents.length);
  const areas: number[] = [];
  for (let run = 0; run < parents.length; run++) {
    const root = rootOf(parents, run);
    if (root === run) areas.push(0);
    const label = root === run ? areas.length - 1 : labels[root]!;
    labels[run] = label;
    areas[label]! += ends[run]! - starts[run]!;
  }
  return { labels, areas };
}
