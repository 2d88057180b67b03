import type { RowPlace } from './packed-map.js';
import { hashBytes, RecordTable } from './record-table.js';
import { type SampleRecord, sampleKey } from './records.js';
import { SpacingColumn } from './spacing-column.js';
import { SparseColumn } from './sparse-column.js';
import type { StringPool } from './string-pool.js';
import { TextColumn } from './text-column.js';

const imageAt = 0;
const fingerprintAt = hashBytes;
const preprocessingAt = 2 * hashBytes;
const revisionAt = preprocessingAt + 4;

/** Samples, keyed `split/id`. */
export class SampleTable extends RecordTable<SampleRecord> {
  private readonly revisions = new WeakMap<SampleRecord, number>();
  /** Test images have no mask, and they are many. */
  private readonly masks = new SparseColumn(hashBytes);
  private readonly spacings = new SpacingColumn();
  private readonly subjects: TextColumn;
  private lastRevision = 0;

  constructor(strings?: StringPool) {
    super(revisionAt + 4, strings);
    this.subjects = new TextColumn(this.strings);
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
    const subject = this.subjects.get(row);
    const record: SampleRecord = {
      id: key.slice(slash + 1),
      split: key.slice(0, slash) as SampleRecord['split'],
      imageSha: this.readHash({ bytes, at: at + imageAt }) ?? '',
      maskSha: mask && this.readHash(mask),
      fingerprint: this.readHash({ bytes, at: at + fingerprintAt }) ?? '',
      preprocessing: this.strings.at(bytes.readUInt32LE(at + preprocessingAt)),
      ...(subject === undefined ? {} : { subject }),
      ...this.spacings.get(row),
    };
    this.revisions.set(record, bytes.readUInt32LE(at + revisionAt));
    return record;
  }

  protected override write(record: SampleRecord, { bytes, at, row }: RowPlace): void {
    const revision = this.lastRevision++ >>> 0;
    this.writeHash(record.imageSha, { bytes, at: at + imageAt });
    const { maskSha } = record;
    this.masks.set(row, maskSha === null ? null : (place) => this.writeHash(maskSha, place));
    this.subjects.set(row, record.subject);
    this.spacings.set(row, record.spacing);
    this.writeHash(record.fingerprint, { bytes, at: at + fingerprintAt });
    bytes.writeUInt32LE(this.strings.numberOf(record.preprocessing), at + preprocessingAt);
    bytes.writeUInt32LE(revision, at + revisionAt);
    this.revisions.set(record, revision);
  }
}
