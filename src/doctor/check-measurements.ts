import { readFile } from 'node:fs/promises';
import type { Catalog } from '../store/catalog.js';
import { measurementsCsv } from '../store/measurements-csv.js';
import { spacingOf } from '../store/row-csv.js';
import { submissionOrder } from '../store/submission-csv.js';
import { writeWholeFile } from '../store/whole-file.js';
import { rowsOf } from './check-submission.js';
import type { MendableFinding } from './finding.js';

/** Whether measurements.csv holds what the cache says of the rows. */
export async function checkMeasurements(
  catalog: Catalog,
  path: string,
): Promise<MendableFinding[]> {
  const text = await readFile(path, 'utf8').catch(() => null);
  const rows = await rowsOf(catalog);
  // Version 0.1 measured nothing.
  if (text === null && rows.every(({ measures }) => measures === undefined)) return [];
  if (text === (await textOf(catalog))) return [];
  const message = `measurements.csv ${text === null ? 'is not there' : 'does not hold what the rows say'}`;
  return [
    {
      code: 'MEASUREMENTS_DIFFER',
      level: 'wrong',
      count: 1,
      message,
      async mend() {
        await writeWholeFile(path, [await textOf(catalog)]);
      },
    },
  ];
}

async function textOf(catalog: Catalog): Promise<string> {
  const rows = new Map((await rowsOf(catalog)).map((row) => [row.id, row]));
  const lines = submissionOrder(rows.keys()).map((id) => {
    const row = rows.get(id)!;
    return measurementsCsv.lineOf(row, spacingOf(row, catalog));
  });
  return `${measurementsCsv.header}\n${lines.join('')}`;
}
