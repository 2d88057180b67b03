import { readFile } from 'node:fs/promises';
import writeFileAtomic from 'write-file-atomic';
import type { PredictionRecord } from './records.js';

export const SUBMISSION_HEADER = 'img,pixels';

/** Kaggle's form: a header, then a row for each test image, by numeric id. */
export function formatSubmission(
  predictions: Iterable<Pick<PredictionRecord, 'id' | 'rle'>>,
): string {
  const rows = Array.from(predictions, ({ id, rle }) => ({
    number: Number(id),
    row: `${id},${rle}`,
  }));
  rows.sort((a, b) => a.number - b.number);
  return `${[SUBMISSION_HEADER, ...rows.map(({ row }) => row)].join('\n')}\n`;
}

/** Replaces the file whole, so that a reader never sees half of it; leaves an equal one alone. */
export async function writeSubmission(
  path: string,
  text: string,
): Promise<'written' | 'unchanged'> {
  const standing = await readFile(path, 'utf8').catch(() => null);
  if (standing === text) return 'unchanged';
  await writeFileAtomic(path, text);
  return 'written';
}

/** Id to RLE of a file in Kaggle's form; lines that are not of that form are left out. */
export function parseSubmission(text: string): Map<string, string> {
  const rows = new Map<string, string>();
  for (const line of text.split(/\r?\n/).slice(1)) {
    const comma = line.indexOf(',');
    if (comma > 0) rows.set(line.slice(0, comma), line.slice(comma + 1).trim());
  }
  return rows;
}
