import { PackedMap, type RowPlace } from './packed-map.js';
import { hashBytes, RecordTable } from './record-table.js';
import type { PredictionRecord, PredictionRow } from './records.js';
import type { StringPool } from './string-pool.js';

const fingerprintAt = 0;
const imageAt = hashBytes;
const preprocessingAt = 2 * hashBytes;
const modelAt = preprocessingAt + 4;
const postprocessingAt = modelAt + 4;
const heightAt = postprocessingAt + 4;
const widthAt = heightAt + 4;
const pixelsAt = widthAt + 4;
const predictedTimeAt = pixelsAt + 4;
const evidenceAt = predictedTimeAt + 8;
const uncertaintyAt = evidenceAt + 8;
/** So much of an image's hash tells it from all others of a folder; which it is is checked. */
const hashStart = 20;

/** What a row was made from, whatever the image is called. */
export type PredictionOrigin = Pick<
  PredictionRow,
  'imageSha' | 'preprocessing' | 'modelId' | 'postprocessing'
>;

/** Of a row, what the disk need not be asked for. */
export interface SortMeasures {
  readonly evidence: number | null;
  readonly uncertainty: number | null;
}

/** The rows of submission.csv by test id, but for their run-length codes, which stay on the disk. */
export class PredictionTable extends RecordTable<PredictionRow> {
  /** The number of a row by its image. */
  private readonly byImage = new PackedMap(4);

  constructor(strings?: StringPool) {
    super(uncertaintyAt + 8, strings);
  }

  /** A row of an equal image, made alike: one of those there are. */
  madeFrom(origin: PredictionOrigin): PredictionRow | undefined {
    const entry = this.byImage.find(origin.imageSha.slice(0, hashStart));
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
    return bytes.readDoubleLE(at + predictedTimeAt) || undefined;
  }

  /** What images are sorted by; null without a row, or where it was not measured. */
  measuresOf(id: string): SortMeasures {
    const row = this.rows.find(id);
    if (row < 0) return { evidence: null, uncertainty: null };
    const { bytes, at } = this.rows.place(row);
    const measured = (offset: number) => {
      const value = bytes.readDoubleLE(at + offset);
      return Number.isNaN(value) ? null : value;
    };
    return { evidence: measured(evidenceAt), uncertainty: measured(uncertaintyAt) };
  }

  override set(id: string, record: PredictionRow | PredictionRecord): void {
    this.delete(id);
    super.set(id, record);
    const { bytes, at } = this.byImage.place(this.byImage.add(record.imageSha.slice(0, hashStart)));
    bytes.writeUInt32LE(this.rows.find(id), at);
  }

  override delete(id: string): boolean {
    const row = this.rows.find(id);
    if (row < 0) return false;
    const { imageSha } = this.get(id)!;
    const entry = this.byImage.find(imageSha.slice(0, hashStart));
    if (entry >= 0) {
      const { bytes, at } = this.byImage.place(entry);
      if (bytes.readUInt32LE(at) === row) this.byImage.delete(imageSha.slice(0, hashStart));
    }
    return super.delete(id);
  }

  protected override read(id: string, { bytes, at }: RowPlace): PredictionRow {
    const predictedAt = bytes.readDoubleLE(at + predictedTimeAt);
    return {
      id,
      fingerprint: this.readHash({ bytes, at: at + fingerprintAt }) ?? '',
      imageSha: this.readHash({ bytes, at: at + imageAt }) ?? '',
      preprocessing: this.strings.at(bytes.readUInt32LE(at + preprocessingAt)),
      modelId: this.strings.at(bytes.readUInt32LE(at + modelAt)),
      postprocessing: this.strings.at(bytes.readUInt32LE(at + postprocessingAt)),
      height: bytes.readUInt32LE(at + heightAt),
      width: bytes.readUInt32LE(at + widthAt),
      pixels: bytes.readUInt32LE(at + pixelsAt),
      ...(predictedAt > 0 && { predictedAt }),
    };
  }

  protected override write(
    record: PredictionRow | PredictionRecord,
    { bytes, at }: RowPlace,
  ): void {
    this.writeHash(record.fingerprint, { bytes, at: at + fingerprintAt });
    this.writeHash(record.imageSha, { bytes, at: at + imageAt });
    bytes.writeUInt32LE(this.strings.numberOf(record.preprocessing), at + preprocessingAt);
    bytes.writeUInt32LE(this.strings.numberOf(record.modelId), at + modelAt);
    bytes.writeUInt32LE(this.strings.numberOf(record.postprocessing), at + postprocessingAt);
    bytes.writeUInt32LE(record.height, at + heightAt);
    bytes.writeUInt32LE(record.width, at + widthAt);
    bytes.writeUInt32LE(record.pixels, at + pixelsAt);
    bytes.writeDoubleLE(record.predictedAt ?? 0, at + predictedTimeAt);
    const measures = 'measures' in record ? record.measures : undefined;
    bytes.writeDoubleLE(measures?.evidence ?? Number.NaN, at + evidenceAt);
    bytes.writeDoubleLE(measures?.uncertainty ?? Number.NaN, at + uncertaintyAt);
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
