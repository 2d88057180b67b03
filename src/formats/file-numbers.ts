import { type CsvTable, columnOf } from '../operators/csv.js';
import { type Failure, fail, ok, type Result } from '../operators/result.js';

/** A table's columns by their names, in capitals or not; units in a name are text like any other. */
export interface FileNumberColumns {
  readonly file: string;
  /** Of millimetres, or of square ones. */
  readonly mm: string;
}

export interface FileNumbers {
  /** By file name, as it stands in the table; above 0. */
  readonly byFile: ReadonlyMap<string, number>;
  /** Rows without a number, or with another one of the same file. */
  readonly failures: readonly (Failure<'NO_NUMBER' | 'NUMBER_TWICE'> & {
    readonly line: number;
  })[];
}

/** One number for each file of a table with a row a file: a pixel spacing, or a measure. */
export function numbersByFile(
  { header, rows, delimiter }: CsvTable,
  columns: FileNumberColumns,
): Result<FileNumbers, 'CSV_COLUMNS'> {
  const file = columnOf(header.cells, [columns.file]);
  const mm = columnOf(header.cells, [columns.mm]);
  if (file === -1 || mm === -1) {
    const lost = JSON.stringify(file === -1 ? columns.file : columns.mm);
    return fail('CSV_COLUMNS', `it has no column ${lost}; it has ${header.cells.join(', ')}`);
  }
  const byFile = new Map<string, number>();
  const failures: FileNumbers['failures'][number][] = [];
  for (const { cells, line } of rows) {
    const name = cells[file] ?? '';
    const text = cells[mm] ?? '';
    // Where no comma parts the fields, it can only be a decimal one.
    const value = text === '' ? 0 : Number(delimiter === ',' ? text : text.replace(',', '.'));
    const before = byFile.get(name);
    if (name === '' || !Number.isFinite(value) || value <= 0) {
      const message = `${JSON.stringify(text)} is no number of millimetres`;
      failures.push({ line, code: 'NO_NUMBER', message });
    } else if (before !== undefined && before !== value) {
      const message = `${name} has ${before} already; that counts`;
      failures.push({ line, code: 'NUMBER_TWICE', message });
    } else byFile.set(name, value);
  }
  return ok({ byFile, failures });
}

/** Of a file below raw/: by its path, or by its name alone. */
export function numberOf({ byFile }: FileNumbers, path: string): number | undefined {
  return byFile.get(path) ?? byFile.get(path.slice(path.lastIndexOf('/') + 1));
}
