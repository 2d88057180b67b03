import type { RowPlace } from './packed-map.js';

/** Rows of a chunk. */
const chunkRows = 1024;

/** Bytes that few rows of a table have, by the row's number: a stretch of rows without any takes no room. */
export class SparseColumn {
  private readonly chunks: (Buffer | undefined)[] = [];

  constructor(private readonly cellBytes: number) {}

  /** Null where nothing near that row was ever written. */
  find(row: number): RowPlace | null {
    const bytes = this.chunks[Math.floor(row / chunkRows)];
    return bytes === undefined ? null : { bytes, at: (row % chunkRows) * this.cellBytes, row };
  }

  /** Sets a cell, or clears what another row of that number has left there. */
  set(row: number, write: ((place: RowPlace) => void) | null): void {
    const place = write === null ? this.find(row) : this.make(row);
    if (place === null) return;
    place.bytes.fill(0, place.at, place.at + this.cellBytes);
    write?.(place);
  }

  /** New cells are 0. */
  make(row: number): RowPlace {
    this.chunks[Math.floor(row / chunkRows)] ??= Buffer.alloc(chunkRows * this.cellBytes);
    return this.find(row)!;
  }
}
