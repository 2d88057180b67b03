import type { RowPlace } from './packed-map.js';
import { hashBytes, RecordTable } from './record-table.js';
import type { FileRecord, FileStamp } from './records.js';
import type { StringPool } from './string-pool.js';

const sizeAt = 0;
const mtime = 8;
const ctime = 16;
const heightAt = 24;
const widthAt = 28;
const preprocessingAt = 32;
const shaAt = 36;

/** Files of raw/ by their paths. */
export class FileTable extends RecordTable<FileRecord> {
  constructor(strings?: StringPool) {
    super(shaAt + hashBytes, strings);
  }

  /** Only what tells whether a file has changed. */
  stampOf(path: string): FileStamp | undefined {
    const row = this.rows.find(path);
    return row < 0 ? undefined : stampAt(this.rows.place(row));
  }

  /** Whether its pixels are in the cache as these settings make them. */
  isMadeWith(path: string, preprocessing: string): boolean {
    const row = this.rows.find(path);
    if (row < 0) return false;
    const { bytes, at } = this.rows.place(row);
    return this.strings.at(bytes.readUInt32LE(at + preprocessingAt)) === preprocessing;
  }

  protected override read(path: string, place: RowPlace): FileRecord {
    const { bytes, at } = place;
    return {
      path,
      ...stampAt(place),
      sha256: this.readHash({ bytes, at: at + shaAt }) ?? '',
      height: bytes.readUInt32LE(at + heightAt),
      width: bytes.readUInt32LE(at + widthAt),
      preprocessing: this.strings.at(bytes.readUInt32LE(at + preprocessingAt)),
    };
  }

  protected override write(record: FileRecord, { bytes, at }: RowPlace): void {
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
