import { HASH_BYTES, RecordTable, type Words } from './record-table.js';
import type { FileRecord, FileStamp } from './records.js';
import type { RowPlace } from './row-table.js';

const SIZE = 0;
const MTIME = 8;
const CTIME = 16;
const HEIGHT = 24;
const WIDTH = 28;
const PREPROCESSING = 32;
const SHA = 36;

/** Files of raw/ by their paths. */
export class FileTable extends RecordTable<FileRecord> {
  constructor(words?: Words) {
    super(SHA + HASH_BYTES, words);
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
    return this.words.at(bytes.readUInt32LE(at + PREPROCESSING)) === preprocessing;
  }

  protected override read(path: string, place: RowPlace): FileRecord {
    const { bytes, at } = place;
    return {
      path,
      ...stampAt(place),
      sha256: this.readHash({ bytes, at: at + SHA }) ?? '',
      height: bytes.readUInt32LE(at + HEIGHT),
      width: bytes.readUInt32LE(at + WIDTH),
      preprocessing: this.words.at(bytes.readUInt32LE(at + PREPROCESSING)),
    };
  }

  protected override write(record: FileRecord, { bytes, at }: RowPlace): void {
    bytes.writeDoubleLE(record.size, at + SIZE);
    bytes.writeDoubleLE(record.mtimeMs, at + MTIME);
    bytes.writeDoubleLE(record.ctimeMs, at + CTIME);
    bytes.writeUInt32LE(record.height, at + HEIGHT);
    bytes.writeUInt32LE(record.width, at + WIDTH);
    bytes.writeUInt32LE(this.words.numberOf(record.preprocessing), at + PREPROCESSING);
    this.writeHash(record.sha256, { bytes, at: at + SHA });
  }
}

function stampAt({ bytes, at }: RowPlace): FileStamp {
  return {
    size: bytes.readDoubleLE(at + SIZE),
    mtimeMs: bytes.readDoubleLE(at + MTIME),
    ctimeMs: bytes.readDoubleLE(at + CTIME),
  };
}
