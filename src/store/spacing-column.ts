import type { PixelSpacing } from '../formats/frames.js';
import { SparseColumn } from './sparse-column.js';

/** Pixel spacings by row; most tables have none at all. */
export class SpacingColumn {
  private readonly cells = new SparseColumn(16);

  get(row: number): { readonly spacing?: PixelSpacing } {
    const place = this.cells.find(row);
    if (place === null) return {};
    const rowMm = place.bytes.readDoubleLE(place.at);
    const columnMm = place.bytes.readDoubleLE(place.at + 8);
    return rowMm === 0 ? {} : { spacing: { rowMm, columnMm } };
  }

  set(row: number, spacing: PixelSpacing | undefined): void {
    this.cells.set(
      row,
      spacing === undefined
        ? null
        : ({ bytes, at }) => {
            bytes.writeDoubleLE(spacing.rowMm, at);
            bytes.writeDoubleLE(spacing.columnMm, at + 8);
          },
    );
  }
}
