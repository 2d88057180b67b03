import { SparseColumn } from './sparse-column.js';
import type { StringPool } from './string-pool.js';

/** Texts that few rows of a table have, by the row's number. */
export class TextColumn {
  private readonly cells = new SparseColumn(4);

  constructor(private readonly strings: StringPool) {}

  get(row: number): string | undefined {
    const place = this.cells.find(row);
    const number = place === null ? 0 : place.bytes.readUInt32LE(place.at);
    return number === 0 ? undefined : this.strings.at(number - 1);
  }

  set(row: number, text: string | undefined): void {
    const number = text === undefined ? 0 : this.strings.numberOf(text) + 1;
    this.cells.set(row, number === 0 ? null : ({ bytes, at }) => bytes.writeUInt32LE(number, at));
  }
}
