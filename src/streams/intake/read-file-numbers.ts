import { readFile } from 'node:fs/promises';
import {
  type FileNumberColumns,
  type FileNumbers,
  numbersByFile,
} from '../../formats/file-numbers.js';
import { readCsv } from '../../operators/csv.js';
import { fail, type Result } from '../../operators/result.js';

/** The numbers that a CSV tells of files; its failure says what is wrong with it, not where it lies. */
export async function readFileNumbers(
  csv: string,
  columns: FileNumberColumns,
): Promise<Result<FileNumbers>> {
  const text = await readFile(csv, 'utf8').catch((error: Error) => error);
  if (text instanceof Error) return fail('UNREADABLE', `cannot be read: ${text.message}`);
  const table = readCsv(text);
  return table.ok ? numbersByFile(table.value, columns) : table;
}
