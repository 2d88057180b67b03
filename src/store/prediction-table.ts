import { HASH_BYTES, RecordTable, type Words } from './record-table.js';
import type { PredictionRow } from './records.js';
import { type RowPlace, RowTable } from './row-table.js';

const FINGERPRINT = 0;
const IMAGE = HASH_BYTES;
const PREPROCESSING = 2 * HASH_BYTES;
const MODEL = PREPROCESSING + 4;
const POSTPROCESSING = MODEL + 4;
const HEIGHT = POSTPROCESSING + 4;
const WIDTH = HEIGHT + 4;
const PIXELS = WIDTH + 4;
const PREDICTED_AT = PIXELS + 4;
/** So much of an image's hash tells it from all others of a folder; which it is is checked. */
const HASH_START = 20;

/** What a row was made from, whatever the image is called. */
export type PredictionOrigin = Pick<
  PredictionRow,
  'imageSha' | 'preprocessing' | 'modelId' | 'postprocessing'
>;

/** The rows of submission.csv by test id, but for their run-length codes, which stay on the disk. */
export class PredictionTable extends RecordTable<PredictionRow> {
  /** The number of a row by its image. */
  private readonly byImage = new RowTable(4);

  constructor(words?: Words) {
    super(PREDICTED_AT + 8, words);
  }

  /** A row of an equal image, made alike: one of those there are. */
  madeFrom(origin: PredictionOrigin): PredictionRow | undefined {
    const entry = this.byImage.find(origin.imageSha.slice(0, HASH_START));
    if (entry < 0) return undefined;
    const { bytes, at } = this.byImage.place(entry);
    const row = bytes.readUInt32LE(at);
    const found = this.read(this.rows.nameOf(row), this.rows.place(row));
    return isOfOrigin(found, origin) ? found : undefined;
  }

  /** When it was predicted, in ms since 1970; undefined without a row, or where nobody wrote that down. */
  predictedAtOf(id: string): number | undefined {
    const row = this.rows.find(id);
    if (row < 0) return undefined;
    const { bytes, at } = this.rows.place(row);
    return bytes.readDoubleLE(at + PREDICTED_AT) || undefined;
  }

  override set(id: string, record: PredictionRow): void {
    this.delete(id);
    super.set(id, record);
    const { bytes, at } = this.byImage.place(
      this.byImage.add(record.imageSha.slice(0, HASH_START)),
    );
    bytes.writeUInt32LE(this.rows.find(id), at);
  }

  override delete(id: string): boolean {
    const row = this.rows.find(id);
    if (row < 0) return false;
    const { imageSha } = this.get(id)!;
    const entry = this.byImage.find(imageSha.slice(0, HASH_START));
    if (entry >= 0) {
      const { bytes, at } = this.byImage.place(entry);
      if (bytes.readUInt32LE(at) === row) this.byImage.delete(imageSha.slice(0, HASH_START));
    }
    return super.delete(id);
  }

  protected override read(id: string, { bytes, at }: RowPlace): PredictionRow {
    const predictedAt = bytes.readDoubleLE(at + PREDICTED_AT);
    return {
      id,
      fingerprint: this.readHash({ bytes, at: at + FINGERPRINT }) ?? '',
      imageSha: this.readHash({ bytes, at: at + IMAGE }) ?? '',
      preprocessing: this.words.at(bytes.readUInt32LE(at + PREPROCESSING)),
      modelId: this.words.at(bytes.readUInt32LE(at + MODEL)),
      postprocessing: this.words.at(bytes.readUInt32LE(at + POSTPROCESSING)),
      height: bytes.readUInt32LE(at + HEIGHT),
      width: bytes.readUInt32LE(at + WIDTH),
      pixels: bytes.readUInt32LE(at + PIXELS),
      ...(predictedAt > 0 && { predictedAt }),
    };
  }

  protected override write(record: PredictionRow, { bytes, at }: RowPlace): void {
    this.writeHash(record.fingerprint, { bytes, at: at + FINGERPRINT });
    this.writeHash(record.imageSha, { bytes, at: at + IMAGE });
    bytes.writeUInt32LE(this.words.numberOf(record.preprocessing), at + PREPROCESSING);
    bytes.writeUInt32LE(this.words.numberOf(record.modelId), at + MODEL);
    bytes.writeUInt32LE(this.words.numberOf(record.postprocessing), at + POSTPROCESSING);
    bytes.writeUInt32LE(record.height, at + HEIGHT);
    bytes.writeUInt32LE(record.width, at + WIDTH);
    bytes.writeUInt32LE(record.pixels, at + PIXELS);
    bytes.writeDoubleLE(record.predictedAt ?? 0, at + PREDICTED_AT);
  }
}

export function isOfOrigin(row: PredictionOrigin, origin: PredictionOrigin): boolean {
  return (
    row.imageSha === origin.imageSha &&
    row.preprocessing === origin.preprocessing &&
    row.modelId === origin.modelId &&
    row.postprocessing === origin.postprocessing
  );
}
