import { readFile } from 'node:fs/promises';
import type { Catalog } from '../store/catalog.js';
import type { PredictionRecord } from '../store/records.js';
import { formatSubmission, parseSubmission } from '../store/submission-csv.js';
import { writeWholeFile } from '../store/whole-file.js';
import { plural } from '../ui/format.js';
import { firstOf, type MendableFinding } from './finding.js';

/** Whether submission.csv holds the rows of the cache and nothing else. */
export async function checkSubmission(catalog: Catalog, path: string): Promise<MendableFinding[]> {
  const text = await readFile(path, 'utf8').catch(() => null);
  const rows = await rowsOf(catalog);
  if (text === formatSubmission(rows) || (text === null && rows.length === 0)) return [];
  return [
    {
      code: 'SUBMISSION_DIFFERS',
      level: 'wrong',
      count: 1,
      message: `submission.csv ${text === null ? 'is not there' : differenceOf(text, rows)}`,
      async mend() {
        await writeWholeFile(path, [formatSubmission(await rowsOf(catalog))]);
      },
    },
  ];
}

/** Rows of test images that are there. */
export async function rowsOf(catalog: Catalog): Promise<PredictionRecord[]> {
  const { samples, predictions } = catalog;
  const ids = [...predictions.keys()].filter((id) => samples.has(`test/${id}`));
  const rows: PredictionRecord[] = [];
  for await (const row of catalog.rowsOf(ids)) rows.push(row);
  return rows;
}

function differenceOf(text: string, rows: readonly PredictionRecord[]): string {
  const standing = parseSubmission(text);
  const wanted = new Map(rows.map(({ id, rle }) => [id, rle]));
  const lacking = [...wanted.keys()].filter((id) => !standing.has(id));
  const extra = [...standing.keys()].filter((id) => !wanted.has(id));
  const other = [...wanted].filter(([id, rle]) => (standing.get(id) ?? rle) !== rle);
  const parts: string[] = [];
  const add = (ids: readonly string[], words: string) => {
    if (ids.length > 0) parts.push(`${words} ${plural(ids.length, 'row')} (${firstOf(ids)})`);
  };
  add(lacking, 'lacks');
  add(extra, 'has too many:');
  add(
    other.map(([id]) => id),
    'has another mask in',
  );
  return parts.length > 0 ? parts.join(', ') : 'has the right rows in another form or order';
}
