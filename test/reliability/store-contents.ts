import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { measurementsCsv } from '../../src/store/measurements-csv.js';
import { openStore } from '../../src/store/open-store.js';
import type { PredictionRow } from '../../src/store/records.js';

/** All of a store that the folder and the model decide, and nothing that time decides. */
export interface StoreContents {
  readonly files: Readonly<Record<string, unknown>>;
  readonly samples: Readonly<Record<string, unknown>>;
  readonly predictions: Readonly<Record<string, unknown>>;
  readonly pixels: readonly string[];
  /** Mask files by what they hold. */
  readonly masks: Readonly<Record<string, string>>;
  readonly csv: string;
  readonly measurements: string;
}

export async function storeContents(root: string): Promise<StoreContents> {
  const store = await openStore(root, 'test');
  try {
    const { catalog, paths } = store;
    const pixels: string[] = [];
    for await (const key of catalog.cache.pixelKeys()) pixels.push(key);
    const masks = readdirSync(paths.masks).map((name) => {
      const bytes = readFileSync(join(paths.masks, name));
      return [name, createHash('sha256').update(bytes).digest('hex')] as const;
    });
    return {
      files: sorted(catalog.files),
      samples: sorted(catalog.samples),
      predictions: sorted(timeless(catalog.predictions)),
      pixels: pixels.sort(),
      masks: sorted(masks),
      csv: textOf(paths.submission),
      measurements: textOf(paths.measurements),
    };
  } finally {
    await store.close();
  }
}

/** Files under temporary names, as a process leaves them that died while writing. */
export function leftovers(root: string): string[] {
  const known = /^(attach|cache|models|masks|submission\.csv|measurements\.csv|holder\.json)$/;
  const knownModels = /^(best|latest|rejected)\.json$|^(model|checkpoint)-[\w.-]+$/;
  const knownMasks = /^\d+(#\d+)?_mask\.png$/;
  const others = (folder: string, pattern: RegExp) =>
    readdirSync(join(root, folder))
      .filter((name) => !pattern.test(name))
      .map((name) => join(folder, name));
  return [...others('.', known), ...others('models', knownModels), ...others('masks', knownMasks)];
}

/** Why a submission.csv is none, or null: it must be whole whenever anybody reads it. */
export function csvFault(text: string): string | null {
  const lines = text.split('\n');
  if (lines.pop() !== '') return 'does not end with a line end';
  if (lines.shift() !== 'img,pixels') return 'has no header';
  let before = 0;
  for (const line of lines) {
    const match = /^((\d+)(?:#(\d+))?),((\d+ \d+)( \d+ \d+)*)?$/.exec(line);
    if (match === null) return `has the line ${line}`;
    const place = Number(match[2]) + Number(match[3] ?? 0) / 1000;
    if (place <= before) return `has row ${match[1]} after place ${before}`;
    before = place;
  }
  return null;
}

/** Why a measurements.csv is none, or null. */
export function measurementsFault(text: string): string | null {
  const lines = text.split('\n');
  if (lines.pop() !== '') return 'does not end with a line end';
  if (lines.shift() !== measurementsCsv.header) return 'has no header';
  const columns = measurementsCsv.header.split(',').length;
  const broken = lines.find((line) => line.split(',').length !== columns);
  return broken === undefined ? null : `has the line ${broken}`;
}

function textOf(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

function* timeless(rows: Iterable<[string, PredictionRow]>): Generator<[string, unknown]> {
  for (const [id, { predictedAt: _, ...row }] of rows) yield [id, row];
}

function sorted<T>(entries: Iterable<readonly [string, T]>): Record<string, T> {
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}
