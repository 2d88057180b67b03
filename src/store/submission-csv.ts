import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { compareNaturally } from '../operators/natural-order.js';
import type { PredictionRecord } from './records.js';

export const submissionHeader = 'img,pixels';

/** Ids in the order of Kaggle's form: as numbers where all are, else in natural order. */
export function submissionOrder(ids: Iterable<string>): string[] {
  const all = [...ids];
  if (!all.every((id) => /^(0|[1-9]\d{0,14})$/.test(id))) return all.sort(compareNaturally);
  // Without leading zeros numbers hold them exactly, and sort quickly.
  return Array.from(Float64Array.from(all, Number).sort(), String);
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
  return `${/[",\n\r]/.test(id) ? `"${id.replaceAll('"', '""')}"` : id},${rle}\n`;
}

/**
 * Replaces the file whole, so that a reader never sees half of it; leaves an equal one alone. The
 * parts are written as they come: all rows at once would be most of the program's memory.
 */
export async function writeSubmission(
  path: string,
  parts: Iterable<string> | AsyncIterable<string>,
): Promise<'written' | 'unchanged'> {
  const standing = await stat(path).catch(() => null);
  // What a killed process leaves under this name is swept (unfinished-files.ts).
  const unfinished = `${path}.${process.pid}`;
  try {
    const file = await open(unfinished, 'w', standing?.mode ?? 0o666);
    const hash = createHash('sha256');
    let bytes = 0;
    try {
      for await (const part of parts) {
        const encoded = Buffer.from(part);
        bytes += encoded.length;
        hash.update(encoded);
        await file.writeFile(encoded);
      }
      const isSame = standing?.size === bytes && (await hashOf(path)) === hash.digest('hex');
      if (isSame) return 'unchanged';
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
    return 'written';
  } finally {
    await rm(unfinished, { force: true });
  }
}

async function hashOf(path: string): Promise<string | null> {
  const hash = createHash('sha256');
  try {
    for await (const part of createReadStream(path)) hash.update(part as Buffer);
    return hash.digest('hex');
  } catch {
    return null;
  }
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
