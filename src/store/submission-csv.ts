import { csvCell } from '../operators/csv.js';
import { compareNaturally } from '../operators/natural-order.js';
import { sorted } from '../operators/sorted.js';
import type { PredictionRecord } from './records.js';
import type { RowCsv } from './row-csv.js';

const submissionHeader = 'img,pixels';

/** Ids in the order of Kaggle's form: as numbers where all are, else in natural order. */
export function submissionOrder(ids: Iterable<string>): string[] {
  const all = [...ids];
  return all.sort(comparisonOf(all));
}

/** The same, of many. Yields now and then, for the caller to let others run. */
export function* inSubmissionOrder(ids: readonly string[]): Generator<void, string[]> {
  return yield* sorted(ids, comparisonOf(ids));
}

function comparisonOf(ids: readonly string[]): (a: string, b: string) => number {
  return ids.every((id) => /^(0|[1-9]\d*)$/.test(id)) ? compareNumbers : compareNaturally;
}

/** In digits, without leading zeros: the longer one is the greater one. */
function compareNumbers(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : +(a > b));
}

/** Kaggle's form as one text: a header, then a row for each test image, by numeric id. */
export function formatSubmission(
  predictions: Iterable<Pick<PredictionRecord, 'id' | 'rle'>>,
): string {
  const byId = new Map(Array.from(predictions, (row) => [row.id, row]));
  const rows = submissionOrder(byId.keys()).map((id) => formatRow(byId.get(id)!));
  return [`${submissionHeader}\n`, ...rows].join('');
}

/** A row of Kaggle's form. */
export function formatRow({ id, rle }: Pick<PredictionRecord, 'id' | 'rle'>): string {
  return `${csvCell(id)},${rle}\n`;
}

export const submissionCsv: RowCsv = { header: submissionHeader, lineOf: formatRow };

/** Id to RLE of a file in Kaggle's form; lines that are not of that form are left out. */
export function parseSubmission(text: string): Map<string, string> {
  const rows = new Map<string, string>();
  for (const line of text.split(/\r?\n/).slice(1)) {
    const comma = line.indexOf(',');
    if (comma > 0) rows.set(line.slice(0, comma), line.slice(comma + 1).trim());
  }
  return rows;
}
