import { rename } from 'node:fs/promises';
import { Level } from 'level';
import { decodePixelRecord, encodePixelRecord } from './pixel-codec.js';
import type { FileRecord, PixelRecord, PredictionRecord, SampleRecord } from './records.js';

/** Written into every cache; a cache of another version is emptied and filled again from raw/. */
export const CACHE_FORMAT = 1;

export type CacheWrite =
  | { readonly put: 'file'; readonly record: FileRecord }
  | { readonly remove: 'file'; readonly path: string }
  | { readonly put: 'pixels'; readonly key: string; readonly record: PixelRecord }
  | { readonly remove: 'pixels'; readonly key: string }
  | { readonly put: 'sample'; readonly record: SampleRecord }
  | { readonly remove: 'sample'; readonly key: string }
  | { readonly put: 'prediction'; readonly record: PredictionRecord }
  | { readonly remove: 'prediction'; readonly id: string }
  | { readonly put: 'training-set'; readonly runId: string; readonly fingerprints: TrainingSet }
  | { readonly remove: 'training-set'; readonly runId: string };

/** Sample id to fingerprint, of the samples that a run was given. */
export type TrainingSet = Readonly<Record<string, string>>;

export type CacheOpening =
  | { readonly state: 'opened'; readonly cache: Cache; readonly rebuilt: string | null }
  | { readonly state: 'held' }
  | { readonly state: 'failed'; readonly code: string; readonly message: string };

/** The LevelDB under store/cache. It knows keys and values, not what they are for. */
export class Cache {
  private readonly meta;
  private readonly files;
  private readonly pixels;
  private readonly samples;
  private readonly predictions;
  private readonly trainingSets;

  private constructor(private readonly db: Level<string, Uint8Array>) {
    const json = { valueEncoding: 'json' } as const;
    this.meta = db.sublevel<string, number>('meta', json);
    this.files = db.sublevel<string, FileRecord>('files', json);
    this.pixels = db.sublevel<string, Uint8Array>('pixels', { valueEncoding: 'view' });
    this.samples = db.sublevel<string, SampleRecord>('samples', json);
    this.predictions = db.sublevel<string, PredictionRecord>('predictions', json);
    this.trainingSets = db.sublevel<string, TrainingSet>('training-sets', json);
  }

  /**
   * Opens the cache, repairing or replacing one that is damaged: all of it can be made again
   * from raw/. `rebuilt` then says what was done, in a sentence.
   */
  static async open(folder: string): Promise<CacheOpening> {
    let rebuilt: string | null = null;
    let opening = await openLevel(folder);
    if (opening.code === 'LEVEL_CORRUPTION') {
      await repairLevel(folder).catch(() => {});
      rebuilt = `The cache was damaged (${opening.message}) and has been repaired.`;
      opening = await openLevel(folder);
    }
    if (opening.db === null && opening.code === 'LEVEL_CORRUPTION') {
      const aside = `${folder}.damaged-${Date.now()}`;
      await rename(folder, aside);
      rebuilt = `The cache was beyond repair; it lies in ${aside} and is filled again from raw/.`;
      opening = await openLevel(folder);
    }
    if (opening.db === null) {
      return opening.code === 'LEVEL_LOCKED'
        ? { state: 'held' }
        : { state: 'failed', code: 'STORE_UNUSABLE', message: opening.message };
    }
    const cache = new Cache(opening.db);
    rebuilt = (await cache.checkFormat()) ?? rebuilt;
    return { state: 'opened', cache, rebuilt };
  }

  /** Everything but pixels; small enough to be held in memory (a few hundred bytes a file). */
  async load(): Promise<{
    files: FileRecord[];
    samples: SampleRecord[];
    predictions: PredictionRecord[];
  }> {
    const [files, samples, predictions] = await Promise.all([
      this.files.values().all(),
      this.samples.values().all(),
      this.predictions.values().all(),
    ]);
    return { files, samples, predictions };
  }

  /** All or nothing, in order. */
  async commit(writes: readonly CacheWrite[]): Promise<void> {
    await this.db.batch<string, unknown>(
      writes.map((write) => this.operationOf(write)),
      {},
    );
  }

  async readPixels(keys: readonly string[]): Promise<(PixelRecord | undefined)[]> {
    const values = await this.pixels.getMany([...keys]);
    return values.map((value) => value && decodePixelRecord(value));
  }

  async hasPixels(keys: readonly string[]): Promise<boolean[]> {
    return await this.pixels.hasMany([...keys]);
  }

  pixelKeys(): AsyncIterable<string> {
    return this.pixels.keys();
  }

  async trainingSetOf(runId: string): Promise<TrainingSet | undefined> {
    return await this.trainingSets.get(runId);
  }

  async trainingRunIds(): Promise<string[]> {
    return await this.trainingSets.keys().all();
  }

  /** Safe to call twice. */
  async close(): Promise<void> {
    await this.db.close();
  }

  private async checkFormat(): Promise<string | null> {
    const found = await this.meta.get('format');
    if (found === CACHE_FORMAT) return null;
    if (found !== undefined) await this.db.clear();
    await this.meta.put('format', CACHE_FORMAT);
    return found === undefined
      ? null
      : `The cache was of format ${found}, this version keeps format ${CACHE_FORMAT}; it is filled again from raw/.`;
  }

  private operationOf(write: CacheWrite) {
    if ('put' in write) {
      const type = 'put' as const;
      switch (write.put) {
        case 'file':
          return { type, sublevel: this.files, key: write.record.path, value: write.record };
        case 'pixels':
          return {
            type,
            sublevel: this.pixels,
            key: write.key,
            value: encodePixelRecord(write.record),
          };
        case 'sample':
          return {
            type,
            sublevel: this.samples,
            key: sampleKey(write.record),
            value: write.record,
          };
        case 'prediction':
          return { type, sublevel: this.predictions, key: write.record.id, value: write.record };
        case 'training-set':
          return {
            type,
            sublevel: this.trainingSets,
            key: write.runId,
            value: write.fingerprints,
          };
      }
    }
    const type = 'del' as const;
    switch (write.remove) {
      case 'file':
        return { type, sublevel: this.files, key: write.path };
      case 'pixels':
        return { type, sublevel: this.pixels, key: write.key };
      case 'sample':
        return { type, sublevel: this.samples, key: write.key };
      case 'prediction':
        return { type, sublevel: this.predictions, key: write.id };
      case 'training-set':
        return { type, sublevel: this.trainingSets, key: write.runId };
    }
  }
}

export function sampleKey({ split, id }: Pick<SampleRecord, 'split' | 'id'>): string {
  return `${split}/${id}`;
}

/** Where a file's pixels lie: by content and by what was done to them. */
export function pixelKey(sha256: string, kind: 'image' | 'mask', preprocessing: string): string {
  return `${sha256}:${kind}:${preprocessing}`;
}

/** In Node `Level` is ClassicLevel, whose repair `level` does not declare. */
const { repair: repairLevel } = Level as unknown as { repair(folder: string): Promise<void> };

async function openLevel(folder: string) {
  const db = new Level<string, Uint8Array>(folder, {
    valueEncoding: 'view',
    // Speckle does not compress; trying costs more than the disk.
    compression: false,
  });
  try {
    await db.open();
    return { db, code: '', message: '' };
  } catch (error) {
    const cause = ((error as Error).cause ?? error) as Error & { code?: string };
    return { db: null, code: cause.code ?? 'UNKNOWN', message: cause.message };
  }
}
