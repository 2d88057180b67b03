import { type CsvTable, columnOf } from '../operators/csv.js';
import { type Failure, fail, ok, type Result } from '../operators/result.js';
import type { PixelSpacing } from './frames.js';

/** A table's columns by their names, in capitals or not; units in a name are text like any other. */
export interface SpacingColumns {
  readonly file: string;
  readonly mm: string;
}

export interface Spacings {
  /** By file name, as it stands in the table. */
  readonly byFile: ReadonlyMap<string, PixelSpacing>;
  /** Rows that say no spacing, or another one of the same file. */
  readonly failures: readonly (Failure<'NO_SPACING' | 'SPACING_TWICE'> & {
    readonly line: number;
  })[];
}

/** The pixel spacings of a table with a row a file, the same for rows and columns. */
export function spacingsOf(
  { header, rows, delimiter }: CsvTable,
  columns: SpacingColumns,
): Result<Spacings, 'CSV_COLUMNS'> {
  const file = columnOf(header.cells, [columns.file]);
  const mm = columnOf(header.cells, [columns.mm]);
  if (file === -1 || mm === -1) {
    const lost = JSON.stringify(file === -1 ? columns.file : columns.mm);
    return fail('CSV_COLUMNS', `it has no column ${lost}; it has ${header.cells.join(', ')}`);
  }
  const byFile = new Map<string, PixelSpacing>();
  const failures: Spacings['failures'][number][] = [];
  for (const { cells, line } of rows) {
    const name = cells[file] ?? '';
    const text = cells[mm] ?? '';
    // Where no comma parts the fields, it can only be a decimal one.
    const value = text === '' ? 0 : Number(delimiter === ',' ? text : text.replace(',', '.'));
    const before = byFile.get(name);
    if (name === '' || !Number.isFinite(value) || value <= 0) {
      const message = `${JSON.stringify(text)} is no number of millimetres`;
      failures.push({ line, code: 'NO_SPACING', message });
    } else if (before !== undefined && before.rowMm !== value) {
      const message = `${name} has ${before.rowMm} mm already; that counts`;
      failures.push({ line, code: 'SPACING_TWICE', message });
    } else byFile.set(name, { rowMm: value, columnMm: value });
  }
  return ok({ byFile, failures });
}
