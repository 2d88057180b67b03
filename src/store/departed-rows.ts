import { isOfOrigin, type PredictionOrigin } from './prediction-table.js';
import type { PredictionRecord } from './records.js';

/** Of their run-length codes, in characters; above it, what went first is forgotten. */
const mostText = 32 * 1024 * 1024;

/** Rows of images that went a moment ago: a rename may first be seen as a removal. */
export class DepartedRows {
  private readonly byImage = new Map<string, PredictionRecord>();
  private text = 0;

  add(row: PredictionRecord): void {
    this.forget(row.imageSha);
    this.byImage.set(row.imageSha, row);
    this.text += row.rle.length;
    for (const imageSha of this.byImage.keys()) {
      if (this.text <= mostText) break;
      this.forget(imageSha);
    }
  }

  find(origin: PredictionOrigin): PredictionRecord | undefined {
    const row = this.byImage.get(origin.imageSha);
    return row !== undefined && isOfOrigin(row, origin) ? row : undefined;
  }

  clear(): void {
    this.byImage.clear();
    this.text = 0;
  }

  private forget(imageSha: string): void {
    const row = this.byImage.get(imageSha);
    if (row === undefined) return;
    this.byImage.delete(imageSha);
    this.text -= row.rle.length;
  }
}
