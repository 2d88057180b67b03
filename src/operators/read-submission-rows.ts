import { type CsvCode, type CsvRow, type CsvTable, columnOf, readCsv } from './csv.js';
import type { Failure } from './result.js';

export interface SubmissionRow {
  /** As it stands there; `S_N` where subject and image have a column each. */
  readonly id: string;
  readonly rle: string;
  /** 1-based, of the file. */
  readonly line: number;
}

export type RowCode = 'ROW_WITHOUT_COMMA' | 'ROW_WITHOUT_ID' | 'ROW_TOO_LONG' | 'ROW_TWICE';

export interface SubmissionRows {
  /** By id, in the file's order; of an id that stands twice, the first. */
  readonly rows: ReadonlyMap<string, SubmissionRow>;
  /** `line` is null where the whole file is at fault. */
  readonly failures: readonly (Failure<RowCode | CsvCode | 'CSV_COLUMNS'> & {
    readonly line: number | null;
  })[];
  /** Ids are made of a column of subjects and one of images. */
  readonly hasSubjects: boolean;
  /** How the file was taken where it is not of Kaggle's plain form, for people. */
  readonly taken: readonly string[];
}

interface Columns {
  readonly subject: number;
  readonly id: number;
  readonly rle: number;
}

const idNames = ['img', 'image', 'id', 'image_id', 'imageid', 'filename', 'file', 'name'];
const rleNames = ['pixels', 'rle', 'rle_mask', 'encodedpixels', 'run_lengths'];
const plainColumns: Columns = { subject: -1, id: 0, rle: 1 };

/**
 * The rows of a file in Kaggle's form, `img,pixels`, or in that of its train_masks.csv,
 * `subject,img,pixels`, as csv.ts reads it. The columns are found by their names; where the first
 * line has none of these, it is a header unless it holds values.
 */
export function readSubmissionRows(text: string): SubmissionRows {
  const rows = new Map<string, SubmissionRow>();
  const failures: SubmissionRows['failures'][number][] = [];
  const result = { rows, failures, hasSubjects: false, taken: [] };
  const table = readCsv(text);
  if (!table.ok) {
    if (table.failure.code === 'CSV_UNREADABLE') failures.push({ line: null, ...table.failure });
    return result;
  }
  const { header } = table.value;
  const columns = columnsOf(header.cells);
  if (columns === null) {
    const message = `none of its columns is called img and none pixels: ${header.cells.join(', ')}`;
    failures.push({ line: header.line, code: 'CSV_COLUMNS', message });
    return result;
  }
  const isValues = columns === plainColumns && isRow(header.cells);
  for (const row of isValues ? [header, ...table.value.rows] : table.value.rows) {
    const { line } = row;
    const width = isValues ? 2 : header.cells.length;
    const failed = (code: RowCode, message: string) => failures.push({ line, code, message });
    const id = idOf(row, columns);
    const rle = row.cells[columns.rle];
    if (rle === undefined) failed('ROW_WITHOUT_COMMA', 'it is not of the form id,run lengths');
    else if (id === '') failed('ROW_WITHOUT_ID', 'no id stands before the comma');
    else if (row.cells.slice(width).some((cell) => cell !== ''))
      failed('ROW_TOO_LONG', `it has more than ${width} fields`);
    else if (rows.has(id))
      failed('ROW_TWICE', `${id} stands in line ${rows.get(id)!.line} already`);
    else rows.set(id, { id, rle, line });
  }
  return {
    rows,
    failures,
    hasSubjects: columns.subject !== -1,
    taken: taken(table.value, columns),
  };
}

/** Null where they cannot be told. */
function columnsOf(header: readonly string[]): Columns | null {
  const id = columnOf(header, idNames);
  const rle = columnOf(header, rleNames);
  if (id !== -1 && rle !== -1) return { subject: columnOf(header, ['subject']), id, rle };
  return header.length > 2 && !isRow(header) ? null : plainColumns;
}

/** Whether a first line holds values: an id that begins with a number, or run lengths. */
function isRow([id = '', rle = '']: readonly string[]): boolean {
  return /^\d/.test(id) || /^\d+( \d+)+$/.test(rle);
}

function idOf({ cells }: CsvRow, { subject, id }: Columns): string {
  const image = cells[id] ?? '';
  return subject === -1 || image === '' ? image : `${cells[subject]}_${image}`;
}

function taken({ header, delimiter }: CsvTable, { subject, id, rle }: Columns): string[] {
  const names = header.cells;
  const said: string[] = [];
  if (delimiter !== ',') said.push(`a ${delimiter === ';' ? 'semicolon' : 'tab'} parts its fields`);
  if (subject !== -1) said.push(`ids are ${names[subject]}_${names[id]}`);
  else if (id !== 0 || rle !== 1) said.push(`ids are column ${names[id]}`);
  if (id !== 0 || rle !== 1) said.push(`run lengths are column ${names[rle]}`);
  return said;
}
