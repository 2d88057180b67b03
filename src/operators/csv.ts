import { CsvError, parse } from 'csv-parse/sync';
import { fail, ok, type Result } from './result.js';

export interface CsvRow {
  /** 1-based, of the file: where the row ends. */
  readonly line: number;
  /** Without quotes and without blanks around them; as many as the row has. */
  readonly cells: readonly string[];
}

export type Delimiter = ',' | ';' | '\t';

export interface CsvTable {
  /** The first row; whether it is names or values is the reader's to judge. */
  readonly header: CsvRow;
  /** What follows it; rows without any value count for nothing. */
  readonly rows: readonly CsvRow[];
  readonly delimiter: Delimiter;
}

export type CsvCode = 'CSV_EMPTY' | 'CSV_UNREADABLE';

const options = {
  bom: true,
  info: true,
  record_delimiter: ['\r\n', '\n', '\r'],
  relax_column_count: true,
  relax_quotes: true,
  skip_empty_lines: true,
  skip_records_with_empty_values: true,
  trim: true,
};
const delimiters: readonly Delimiter[] = [',', ';', '\t'];

/**
 * A file of comma, semicolon or tab separated values, whichever stands most often in its first line,
 * with quotes or without, its lines ended by CR, LF or both.
 */
export function readCsv(text: string): Result<CsvTable, CsvCode> {
  const delimiter = delimiterOf(text);
  try {
    // With `info`, which its types do not know of, each record comes with where it stood.
    const records = parse(text, { ...options, delimiter }) as unknown as readonly {
      readonly info: { readonly lines: number };
      readonly record: readonly string[];
    }[];
    const [header, ...rows] = records.map(({ info, record }) => ({
      line: info.lines,
      cells: record,
    }));
    if (header === undefined) return fail('CSV_EMPTY', 'it has no row');
    return ok({ header, rows, delimiter });
  } catch (error) {
    if (error instanceof CsvError) return fail('CSV_UNREADABLE', error.message);
    throw error;
  }
}

/** The column of the first of these names that a header has, in capitals or not; -1: of none. */
export function columnOf(header: readonly string[], names: readonly string[]): number {
  const known = header.map((name) => name.toLowerCase());
  const found = names.find((name) => known.includes(name.toLowerCase()));
  return found === undefined ? -1 : known.indexOf(found.toLowerCase());
}

function delimiterOf(text: string): Delimiter {
  const [first = ''] = /[^\r\n]+/.exec(text) ?? [];
  const unquoted = first.replace(/"[^"]*"/g, '');
  const count = (delimiter: Delimiter) => unquoted.split(delimiter).length;
  return delimiters.reduce((best, other) => (count(other) > count(best) ? other : best));
}

/** A text as a cell of a comma separated file: in quotes where it has to be. */
export function csvCell(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
