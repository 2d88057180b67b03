import type { Level } from 'level';
import { FileTable } from './file-table.js';
import { PredictionTable } from './prediction-table.js';
import { type FileRecord, type PredictionRecord, type SampleRecord, sampleKey } from './records.js';
import { SampleTable } from './sample-table.js';
import { StringPool } from './string-pool.js';

/** Sample id to fingerprint, of the samples that a run was given. */
export type TrainingSet = Readonly<Record<string, string>>;

/** What the cache keeps, each under keys of its own. */
export type CacheParts = ReturnType<typeof partsOf>;

export function partsOf(db: Level<string, Uint8Array>) {
  const json = { valueEncoding: 'json' } as const;
  return {
    meta: db.sublevel<string, number>('meta', json),
    files: db.sublevel<string, FileRecord>('files', json),
    pixels: db.sublevel<string, Uint8Array>('pixels', { valueEncoding: 'view' }),
    samples: db.sublevel<string, SampleRecord>('samples', json),
    predictions: db.sublevel<string, PredictionRecord>('predictions', json),
    trainingSets: db.sublevel<string, TrainingSet>('training-sets', json),
  };
}

/** Everything but pixels and run-length codes, packed: some 300 bytes a file. */
export interface CacheContents {
  readonly files: FileTable;
  readonly samples: SampleTable;
  readonly predictions: PredictionTable;
}

/** Records parsed at once; in between others have their turn. */
const recordsAtOnce = 200;

export async function readContents(parts: CacheParts): Promise<CacheContents> {
  const strings = new StringPool();
  const files = new FileTable(strings);
  const samples = new SampleTable(strings);
  const predictions = new PredictionTable(strings);
  await inSlices(parts.files.values(), (record) => files.set(record.path, record));
  await inSlices(parts.samples.values(), (record) => samples.set(sampleKey(record), record));
  await inSlices(parts.predictions.values(), (record) => predictions.set(record.id, record));
  return { files, samples, predictions };
}

/** Everything that an iterator has; never more at a time than keeps others waiting for a moment. */
async function inSlices<T>(
  values: { nextv(size: number): Promise<T[]>; close(): Promise<void> },
  take: (value: T) => void,
): Promise<void> {
  try {
    for (;;) {
      const some = await values.nextv(recordsAtOnce);
      if (some.length === 0) return;
      for (const value of some) take(value);
    }
  } finally {
    await values.close();
  }
}
