import type { RowPlace } from './row-table.js';

/** Rows of a chunk. */
const CHUNK_ROWS = 1024;

/** Bytes that few rows of a table have, by the row's number: a stretch of rows without any takes no room. */
export class SparseColumn {
  private readonly chunks: (Buffer | undefined)[] = [];

  constructor(private readonly cellBytes: number) {}

  /** Null where nothing near that row was ever written. */
  find(row: number): RowPlace | null {
    const bytes = this.chunks[Math.floor(row / CHUNK_ROWS)];
    return bytes === undefined ? null : { bytes, at: (row % CHUNK_ROWS) * this.cellBytes, row };
  }

  /** New cells are 0. */
  make(row: number): RowPlace {
    this.chunks[Math.floor(row / CHUNK_ROWS)] ??= Buffer.alloc(CHUNK_ROWS * this.cellBytes);
    return this.find(row)!;
  }
}
