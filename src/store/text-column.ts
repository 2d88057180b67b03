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
    const write = (number: number) =>
      this.cells.set(row, ({ bytes, at }) => bytes.writeUInt32LE(number + 1, at));
    if (text === undefined) this.cells.set(row, null);
    else write(this.strings.numberOf(text));
  }
}
