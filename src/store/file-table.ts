import type { Cut } from '../formats/frames.js';
import type { Doubt } from '../labels/doubt.js';
import type { RowPlace } from './packed-map.js';
import { partOf } from './part-path.js';
import { hashBytes, RecordTable } from './record-table.js';
import type { FileKind, FileRecord, FileStamp, SubjectRange } from './records.js';
import { SpacingColumn } from './spacing-column.js';
import type { StringPool } from './string-pool.js';
import { TextColumn } from './text-column.js';

const sizeAt = 0;
const mtime = 8;
const ctime = 16;
const heightAt = 24;
const widthAt = 28;
const preprocessingAt = 32;
const kindAt = 36;
const shaAt = 37;

/** By the number that is kept of it; 0 where the record does not tell. */
const kinds: readonly (FileKind | undefined)[] = [undefined, 'image', 'mask', 'parts'];

/** Files of raw/ by their paths. */
export class FileTable extends RecordTable<FileRecord> {
  private readonly spacings = new SpacingColumn();
  private readonly patients: TextColumn;
  private readonly greys: TextColumn;
  /** As JSON: there are few. */
  private readonly doubts: TextColumn;
  /** As JSON. */
  private readonly ranges: TextColumn;
  /** As JSON. */
  private readonly cuts: TextColumn;
  /** Paths of the parts of files that are in parts. */
  private readonly parts = new Map<string, Set<string>>();
  private partCount = 0;

  constructor(strings?: StringPool) {
    super(shaAt + hashBytes, strings);
    this.patients = new TextColumn(this.strings);
    this.greys = new TextColumn(this.strings);
    this.doubts = new TextColumn(this.strings);
    this.ranges = new TextColumn(this.strings);
    this.cuts = new TextColumn(this.strings);
  }

  /** Files, their parts not counted. */
  get fileCount(): number {
    return this.size - this.partCount;
  }

  /** Paths of a file's parts; none where it is an image or a mask itself. */
  partsOf(file: string): readonly string[] {
    return [...(this.parts.get(file) ?? [])];
  }

  /** Paths of files, without those of parts. */
  *filePaths(): Generator<string> {
    for (const path of this.keys()) if (partOf(path).part === null) yield path;
  }

  /** Files of which parts are known, with a record of their own or, where that was not written any more, without. */
  filesInParts(): Iterable<string> {
    return this.parts.keys();
  }

  /** Of images that are not of 8 bits. */
  *withRanges(): Generator<FileRecord> {
    for (const row of this.rows.rows()) {
      if (this.ranges.get(row) === undefined) continue;
      yield this.get(this.rows.nameOf(row))!;
    }
  }

  override set(path: string, record: FileRecord): void {
    const { file, part } = partOf(path);
    if (part !== null && !this.has(path)) {
      this.partCount++;
      const others = this.parts.get(file);
      if (others) others.add(path);
      else this.parts.set(file, new Set([path]));
    }
    super.set(path, record);
  }

  override delete(path: string): boolean {
    const { file, part } = partOf(path);
    const was = super.delete(path);
    if (!was || part === null) return was;
    this.partCount--;
    const others = this.parts.get(file);
    others?.delete(path);
    if (others?.size === 0) this.parts.delete(file);
    return true;
  }

  /** Only what tells whether a file has changed. */
  stampOf(path: string): FileStamp | undefined {
    const row = this.rows.find(path);
    return row < 0 ? undefined : stampAt(this.rows.place(row));
  }

  /** Whether it, or its parts, have been read with these settings. */
  isMadeWith(path: string, preprocessing: string): boolean {
    const row = this.rows.find(path);
    if (row < 0) return false;
    const { bytes, at } = this.rows.place(row);
    return this.strings.at(bytes.readUInt32LE(at + preprocessingAt)) === preprocessing;
  }

  /** Whether its own pixels are in the cache as these settings make them. */
  hasPixels(path: string, preprocessing: string): boolean {
    const row = this.rows.find(path);
    if (row < 0) return false;
    const { bytes, at } = this.rows.place(row);
    const isInParts = kinds[bytes[at + kindAt]!] === 'parts';
    return (
      !isInParts && this.strings.at(bytes.readUInt32LE(at + preprocessingAt)) === preprocessing
    );
  }

  protected override read(path: string, place: RowPlace): FileRecord {
    const { bytes, at, row } = place;
    const kind = kinds[bytes[at + kindAt]!];
    const patient = this.patients.get(row);
    const grey = this.greys.get(row);
    const doubts = this.doubts.get(row);
    const range = this.ranges.get(row);
    const cut = this.cuts.get(row);
    return {
      path,
      ...(kind === undefined ? {} : { kind }),
      ...stampAt(place),
      sha256: this.readHash({ bytes, at: at + shaAt }) ?? '',
      height: bytes.readUInt32LE(at + heightAt),
      width: bytes.readUInt32LE(at + widthAt),
      preprocessing: this.strings.at(bytes.readUInt32LE(at + preprocessingAt)),
      ...this.spacings.get(row),
      ...(patient === undefined ? {} : { patient }),
      ...(grey === undefined ? {} : { grey }),
      ...(range === undefined ? {} : { range: JSON.parse(range) as SubjectRange }),
      ...(cut === undefined ? {} : { cut: JSON.parse(cut) as Cut }),
      ...(doubts === undefined ? {} : { doubts: JSON.parse(doubts) as Doubt[] }),
    };
  }

  protected override write(record: FileRecord, { bytes, at, row }: RowPlace): void {
    this.spacings.set(row, record.spacing);
    this.patients.set(row, record.patient);
    this.greys.set(row, record.grey);
    this.doubts.set(row, record.doubts && JSON.stringify(record.doubts));
    this.ranges.set(row, record.range && JSON.stringify(record.range));
    this.cuts.set(row, record.cut && JSON.stringify(record.cut));
    bytes[at + kindAt] = kinds.indexOf(record.kind);
    bytes.writeDoubleLE(record.size, at + sizeAt);
    bytes.writeDoubleLE(record.mtimeMs, at + mtime);
    bytes.writeDoubleLE(record.ctimeMs, at + ctime);
    bytes.writeUInt32LE(record.height, at + heightAt);
    bytes.writeUInt32LE(record.width, at + widthAt);
    bytes.writeUInt32LE(this.strings.numberOf(record.preprocessing), at + preprocessingAt);
    this.writeHash(record.sha256, { bytes, at: at + shaAt });
  }
}

function stampAt({ bytes, at }: RowPlace): FileStamp {
  return {
    size: bytes.readDoubleLE(at + sizeAt),
    mtimeMs: bytes.readDoubleLE(at + mtime),
    ctimeMs: bytes.readDoubleLE(at + ctime),
  };
}
