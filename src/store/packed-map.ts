/** Rows of a chunk: small enough that a nearly empty last one does not matter. */
const chunkRows = 1024;
/** Where a row's own part begins: the hash of its name (4 bytes), the name's length, the name. */
const inlineNameBytes = 23;
const headBytes = 4 + 1 + inlineNameBytes;
/** In place of a length: the name is kept elsewhere, or the row is free. */
const longName = 254;
const freeSlot = 255;
/** Above this share of places taken, looking up takes too many steps. */
const fullest = 0.7;

/** Where a row's own bytes lie. */
export interface RowPlace {
  readonly bytes: Buffer;
  readonly at: number;
  /** Its number. */
  readonly row: number;
}

/**
 * A map from names to rows of fixed size, in a few buffers: some 40 bytes an entry beside its own,
 * and nothing for the garbage collector to look through. A `Map` of objects takes ten times that,
 * and what a folder holds is kept in memory for as long as the program runs.
 *
 * A row keeps its number until it is deleted; the number is then used again. Rows come in the order
 * of their numbers; one that is added while they are gone through may or may not come.
 */
export class PackedMap {
  private readonly chunks: Buffer[] = [];
  /** Open addressing: the number of a row and one, or 0. */
  private index = new Uint32Array(64);
  private readonly longNames = new Map<number, string>();
  private readonly free: number[] = [];
  private rowCount = 0;

  constructor(private readonly ownBytes: number) {}

  get size(): number {
    return this.rowCount - this.free.length;
  }

  /** The row of a name, or -1. */
  find(name: string): number {
    return this.index[this.slotOf(name, hashOf(name))]! - 1;
  }

  /** The row of a name, made where there is none; a new one's own bytes are 0. */
  add(name: string): number {
    const hash = hashOf(name);
    const found = this.index[this.slotOf(name, hash)]! - 1;
    if (found >= 0) return found;
    if (this.size + 1 > this.index.length * fullest) this.growIndex();
    const row = this.free.pop() ?? this.appendRow();
    this.setName(row, name, hash);
    this.index[this.slotOf(name, hash)] = row + 1;
    return row;
  }

  delete(name: string): boolean {
    const slot = this.slotOf(name, hashOf(name));
    const row = this.index[slot]! - 1;
    if (row < 0) return false;
    this.closeGap(slot);
    const { bytes, at } = this.headOf(row);
    bytes[at + 4] = freeSlot;
    this.longNames.delete(row);
    this.free.push(row);
    return true;
  }

  nameOf(row: number): string {
    const { bytes, at } = this.headOf(row);
    const length = bytes[at + 4]!;
    if (length === longName) return this.longNames.get(row)!;
    return bytes.toString('latin1', at + 5, at + 5 + length);
  }

  /** The row's own bytes; to be read and written at once, not kept. */
  place(row: number): RowPlace {
    const { bytes, at } = this.headOf(row);
    return { bytes, at: at + headBytes, row };
  }

  *rows(): Generator<number> {
    for (let row = 0; row < this.rowCount; row++) {
      const { bytes, at } = this.headOf(row);
      if (bytes[at + 4] !== freeSlot) yield row;
    }
  }

  *names(): Generator<string> {
    for (const row of this.rows()) yield this.nameOf(row);
  }

  /** Where the name is in the index, or the free place where it would be. */
  private slotOf(name: string, hash: number): number {
    const mask = this.index.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const row = this.index[slot]! - 1;
      if (row < 0 || this.isNamed(row, name, hash)) return slot;
    }
  }

  private isNamed(row: number, name: string, hash: number): boolean {
    const { bytes, at } = this.headOf(row);
    if (bytes.readUInt32LE(at) !== hash) return false;
    const length = bytes[at + 4]!;
    if (length === longName) return this.longNames.get(row) === name;
    if (length !== name.length) return false;
    for (let index = 0; index < length; index++) {
      if (bytes[at + 5 + index] !== name.charCodeAt(index)) return false;
    }
    return true;
  }

  private setName(row: number, name: string, hash: number): void {
    const { bytes, at } = this.headOf(row);
    bytes.fill(0, at, at + headBytes + this.ownBytes);
    bytes.writeUInt32LE(hash, at);
    const isInline = name.length <= inlineNameBytes && isLatin1(name);
    bytes[at + 4] = isInline ? name.length : longName;
    if (isInline) bytes.write(name, at + 5, 'latin1');
    else this.longNames.set(row, name);
  }

  /** Takes an entry out; those after it move up, so that looking up never meets a gap before its goal. */
  private closeGap(emptied: number): void {
    const mask = this.index.length - 1;
    let gap = emptied;
    for (let slot = (gap + 1) & mask; ; slot = (slot + 1) & mask) {
      const entry = this.index[slot]!;
      if (entry === 0) break;
      const { bytes, at } = this.headOf(entry - 1);
      const wished = bytes.readUInt32LE(at) & mask;
      // Only one that would be found from its wished place through the gap may move there.
      if (((slot - wished) & mask) < ((slot - gap) & mask)) continue;
      this.index[gap] = entry;
      gap = slot;
    }
    this.index[gap] = 0;
  }

  private growIndex(): void {
    const before = this.index;
    this.index = new Uint32Array(before.length * 2);
    const mask = this.index.length - 1;
    for (const entry of before) {
      if (entry === 0) continue;
      const { bytes, at } = this.headOf(entry - 1);
      let slot = bytes.readUInt32LE(at) & mask;
      while (this.index[slot] !== 0) slot = (slot + 1) & mask;
      this.index[slot] = entry;
    }
  }

  private appendRow(): number {
    const row = this.rowCount++;
    if (row % chunkRows === 0) {
      this.chunks.push(Buffer.alloc(chunkRows * (headBytes + this.ownBytes)));
    }
    return row;
  }

  private headOf(row: number): RowPlace {
    const bytes = this.chunks[Math.floor(row / chunkRows)]!;
    return { bytes, at: (row % chunkRows) * (headBytes + this.ownBytes), row };
  }
}

/** FNV-1a over code units, its high bits mixed into the low ones. */
function hashOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < name.length; index++) {
    hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193);
  }
  return (hash ^ (hash >>> 15)) >>> 0;
}

function isLatin1(name: string): boolean {
  for (let index = 0; index < name.length; index++) if (name.charCodeAt(index) > 255) return false;
  return true;
}
