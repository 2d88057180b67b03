import type { RowPlace } from './packed-map.js';
import { hashBytes, RecordTable } from './record-table.js';
import { type SampleRecord, sampleKey } from './records.js';
import type { StringPool } from './string-pool.js';

/** Rows of a chunk. */
const chunkRows = 1024;

/** Bytes that few rows of a table have, by the row's number: a stretch of rows without any takes no room. */
class SparseColumn {
  private readonly chunks: (Buffer | undefined)[] = [];

  constructor(private readonly cellBytes: number) {}

  /** Null where nothing near that row was ever written. */
  find(row: number): RowPlace | null {
    const bytes = this.chunks[Math.floor(row / chunkRows)];
    return bytes === undefined ? null : { bytes, at: (row % chunkRows) * this.cellBytes, row };
  }

  /** New cells are 0. */
  make(row: number): RowPlace {
    this.chunks[Math.floor(row / chunkRows)] ??= Buffer.alloc(chunkRows * this.cellBytes);
    return this.find(row)!;
  }
}

const imageAt = 0;
const fingerprintAt = hashBytes;
const preprocessingAt = 2 * hashBytes;
const revisionAt = preprocessingAt + 4;

/** Samples, keyed `split/id`. */
export class SampleTable extends RecordTable<SampleRecord> {
  private readonly revisions = new WeakMap<SampleRecord, number>();
  /** Test images have no mask, and they are many. */
  private readonly masks = new SparseColumn(hashBytes);
  private lastRevision = 0;

  constructor(strings?: StringPool) {
    super(revisionAt + 4, strings);
  }

  /** Whether this very record is still held, and not one that came later, even if that is equal. */
  holds(sample: SampleRecord): boolean {
    const row = this.rows.find(sampleKey(sample));
    if (row < 0) return false;
    const { bytes, at } = this.rows.place(row);
    return this.revisions.get(sample) === bytes.readUInt32LE(at + revisionAt);
  }

  /** Ids of one split. */
  *idsOf(split: SampleRecord['split']): Generator<string> {
    const folder = `${split}/`;
    for (const key of this.keys()) if (key.startsWith(folder)) yield key.slice(folder.length);
  }

  protected override read(key: string, { bytes, at, row }: RowPlace): SampleRecord {
    const mask = this.masks.find(row);
    const slash = key.indexOf('/');
    const record: SampleRecord = {
      id: key.slice(slash + 1),
      split: key.slice(0, slash) as SampleRecord['split'],
      imageSha: this.readHash({ bytes, at: at + imageAt }) ?? '',
      maskSha: mask && this.readHash(mask),
      fingerprint: this.readHash({ bytes, at: at + fingerprintAt }) ?? '',
      preprocessing: this.strings.at(bytes.readUInt32LE(at + preprocessingAt)),
    };
    this.revisions.set(record, bytes.readUInt32LE(at + revisionAt));
    return record;
  }

  protected override write(record: SampleRecord, { bytes, at, row }: RowPlace): void {
    const revision = this.lastRevision++ >>> 0;
    this.writeHash(record.imageSha, { bytes, at: at + imageAt });
    // The row's number may have been another sample's before.
    const mask = record.maskSha === null ? this.masks.find(row) : this.masks.make(row);
    if (mask !== null) this.writeHash(record.maskSha, mask);
    this.writeHash(record.fingerprint, { bytes, at: at + fingerprintAt });
    bytes.writeUInt32LE(this.strings.numberOf(record.preprocessing), at + preprocessingAt);
    bytes.writeUInt32LE(revision, at + revisionAt);
    this.revisions.set(record, revision);
  }
}
