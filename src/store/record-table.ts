import { PackedMap, type RowPlace } from './packed-map.js';
import { StringPool } from './string-pool.js';

/** Bytes of a hash in a row: which kind of text it is, then the text. */
export const hashBytes = 33;
const noText = 0;
const sha256 = 1;
const otherText = 2;
const sha256Pattern = /^[0-9a-f]{64}$/;

/** Records by name, packed: to be read like a `Map`, each record made when it is asked for. */
export abstract class RecordTable<R> {
  protected readonly rows: PackedMap;
  private readonly watchers: ((name: string) => void)[] = [];

  /** `strings` are those of which there are few; tables may share them. */
  constructor(
    ownBytes: number,
    protected readonly strings = new StringPool(),
  ) {
    this.rows = new PackedMap(ownBytes);
  }

  /** From now on, tells the name of each record that was set or deleted. */
  watch(changed: (name: string) => void): void {
    this.watchers.push(changed);
  }

  get size(): number {
    return this.rows.size;
  }

  has(name: string): boolean {
    return this.rows.find(name) >= 0;
  }

  get(name: string): R | undefined {
    const row = this.rows.find(name);
    return row < 0 ? undefined : this.read(name, this.rows.place(row));
  }

  set(name: string, record: R): void {
    this.write(record, this.rows.place(this.rows.add(name)));
    for (const changed of this.watchers) changed(name);
  }

  delete(name: string): boolean {
    const was = this.rows.delete(name);
    if (was) for (const changed of this.watchers) changed(name);
    return was;
  }

  keys(): Generator<string> {
    return this.rows.names();
  }

  *entries(): Generator<[string, R]> {
    for (const row of this.rows.rows()) {
      const name = this.rows.nameOf(row);
      yield [name, this.read(name, this.rows.place(row))];
    }
  }

  *values(): Generator<R> {
    for (const [, record] of this.entries()) yield record;
  }

  [Symbol.iterator](): Generator<[string, R]> {
    return this.entries();
  }

  protected abstract read(name: string, place: RowPlace): R;
  protected abstract write(record: R, place: RowPlace): void;

  protected readHash({ bytes, at }: Pick<RowPlace, 'bytes' | 'at'>): string | null {
    switch (bytes[at]) {
      case noText:
        return null;
      case sha256:
        return bytes.toString('hex', at + 1, at + hashBytes);
      default:
        return this.strings.at(bytes.readUInt32LE(at + 1));
    }
  }

  protected writeHash(text: string | null, { bytes, at }: Pick<RowPlace, 'bytes' | 'at'>): void {
    bytes.fill(0, at, at + hashBytes);
    if (text === null) return;
    const isSha256 = sha256Pattern.test(text);
    bytes[at] = isSha256 ? sha256 : otherText;
    if (isSha256) bytes.write(text, at + 1, 'hex');
    else bytes.writeUInt32LE(this.strings.numberOf(text), at + 1);
  }
}
