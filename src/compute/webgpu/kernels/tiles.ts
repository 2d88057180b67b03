/** How one workgroup's share of a matrix product is laid out; a thread has `rows` x 4 of the results. */
export interface Tile {
  /** Rows and columns of the product that a workgroup computes; `width` divides by 4. */
  readonly height: number;
  readonly width: number;
  readonly rows: number;
}

/** Values of the summed dimension that lie in workgroup memory at once. */
export const depth = 16;

/** Enough to keep the largest GPUs busy: some 130 multiprocessors with four workgroups each. */
const wantedWorkgroups = 512;
/** A share shorter than this is not worth the second pass. */
const leastSteps = 8;
const mostSplits = 256;

export function threadsOf({ height, width, rows }: Tile): number {
  return (height / rows) * (width / 4);
}

/** Backends on which all work is done in the smallest tile. */
const small = new WeakSet<object>();

/** For a software adapter: it takes a second to compile a large tile, and gains nothing from it. */
export function preferSmallTiles(backend: object): void {
  small.add(backend);
}

/** What `chooseTile` chooses from. */
export const tiles = {
  smallest: { height: 32, width: 16, rows: 4 },
  low: (width: 16 | 32) => ({ height: 32, width, rows: 4 }),
  middle: (width: 16 | 32 | 64) => ({ height: 64, width, rows: 8 }),
  large: (width: 16 | 32 | 64) => ({ height: 128, width, rows: 8 }),
} as const;

/**
 * Threads always divide a tile's share of workgroup memory evenly (see the kernels' loads).
 * Large tiles read each value less often; small matrices need small ones to fill the GPU.
 */
export function chooseTile(backend: object, rows: number, columns: number): Tile {
  if (small.has(backend)) return tiles.smallest;
  const width = columns > 32 ? 64 : columns > 16 ? 32 : 16;
  const columnTiles = Math.ceil(columns / width);
  if (Math.ceil(rows / 128) * columnTiles >= wantedWorkgroups / 2) return tiles.large(width);
  return rows > 256 || width === 64 ? tiles.middle(width) : tiles.low(width);
}

/**
 * Into how many parts the summed dimension is split so that a product of few tiles fills the GPU, and
 * how many steps of `depth` each part takes.
 *
 * @param tiles workgroups without a split
 */
export function chooseSplit(tiles: number, summed: number): { splits: number; steps: number } {
  const allSteps = Math.max(1, Math.ceil(summed / depth));
  const wanted = Math.min(
    mostSplits,
    Math.floor(wantedWorkgroups / tiles),
    Math.floor(allSteps / leastSteps),
  );
  const steps = Math.ceil(allSteps / Math.max(1, wanted));
  return { splits: Math.ceil(allSteps / steps), steps };
}
