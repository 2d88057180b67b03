import type { Cache } from './cache.js';
import type { CacheContents } from './cache-parts.js';
import type { CacheWrite } from './cache-writes.js';
import { DepartedRows } from './departed-rows.js';
import type { FileTable } from './file-table.js';
import type { PredictionOrigin, PredictionTable } from './prediction-table.js';
import { type FileRecord, type PredictionRecord, type SampleRecord, sampleKey } from './records.js';
import type { SampleTable } from './sample-table.js';

/** More would be decoded in one go. */
const rowsAtOnce = 100;

/**
 * What the cache holds, in memory, and the one way to change it. A map here changes only after
 * its write has been committed, so whoever reads it reads what would survive a crash.
 */
export class Catalog {
  readonly files: FileTable;
  /** Keyed `split/id`. */
  readonly samples: SampleTable;
  /** Keyed by test id; their run-length codes stay in the cache. */
  readonly predictions: PredictionTable;
  private readonly departed = new DepartedRows();
  private orphans: 'none' | 'possible' = 'none';
  private masks: 'as-written' | 'in-doubt';
  private waiting: { writes: readonly CacheWrite[]; done: () => void; fail: (e: Error) => void }[] =
    [];
  private writing = false;

  private constructor(
    readonly cache: Cache,
    { files, samples, predictions }: CacheContents,
    isAfterPowerCut: boolean,
  ) {
    this.masks = isAfterPowerCut ? 'in-doubt' : 'as-written';
    this.files = files;
    this.samples = samples;
    this.predictions = predictions;
  }

  static async load(cache: Cache, isAfterPowerCut = false): Promise<Catalog> {
    return new Catalog(cache, await cache.load(), isAfterPowerCut);
  }

  /** Whether pixels may lie in the cache that no file has any more. */
  get mayHoldOrphans(): boolean {
    return this.orphans === 'possible';
  }

  /** Whether a mask file may hold what it held earlier: they are not forced to the disk. */
  get areMasksInDoubt(): boolean {
    return this.masks === 'in-doubt';
  }

  /** What a power cut may have taken back of them is made good. */
  masksRestored(): void {
    this.masks = 'as-written';
  }

  /** What loses its file from now on is for the next sweep. */
  sweepBegun(): void {
    this.orphans = 'none';
  }

  sweepFailed(): void {
    this.orphans = 'possible';
  }

  /**
   * Resolves when the writes are in LevelDB. Calls that come while a batch is being written share
   * the next batch; their order is kept, so two writes to one key cannot overtake each other.
   */
  commit(writes: readonly CacheWrite[]): Promise<void> {
    return new Promise((done, fail) => {
      this.waiting.push({ writes, done, fail });
      if (!this.writing) void this.drain();
    });
  }

  /** Samples of one split. */
  *samplesOf(split: SampleRecord['split']): Generator<SampleRecord> {
    for (const id of this.samples.idsOf(split)) yield this.samples.get(sampleKey({ split, id }))!;
  }

  /** Rows with their run-length codes, a few at a time; those that went meanwhile are left out. */
  async *rowsOf(ids: readonly string[]): AsyncGenerator<PredictionRecord> {
    for (let start = 0; start < ids.length; start += rowsAtOnce) {
      const rows = await this.cache.readPredictions(ids.slice(start, start + rowsAtOnce));
      for (const row of rows) if (row !== undefined) yield row;
    }
  }

  /**
   * A row with its run-length codes, of an equal image and made alike, whatever that is called: one
   * there is, or one that went since `forgetDeparted`.
   */
  async rowMadeFrom(origin: PredictionOrigin): Promise<PredictionRecord | undefined> {
    const row = this.predictions.madeFrom(origin);
    if (row !== undefined) {
      const [record] = await this.cache.readPredictions([row.id]);
      // It may have gone, or become another one's, on the way.
      if (record?.fingerprint === row.fingerprint) return record;
    }
    return this.departed.find(origin);
  }

  /** Who was renamed has been found by now. */
  forgetDeparted(): void {
    this.departed.clear();
  }

  private async drain(): Promise<void> {
    this.writing = true;
    while (this.waiting.length > 0) {
      const batch = this.waiting;
      this.waiting = [];
      const writes = batch.flatMap((b) => b.writes);
      try {
        const departing = await this.rowsToGo(writes);
        await this.cache.commit(writes);
        for (const write of writes) this.apply(write);
        for (const row of departing) if (row !== undefined) this.departed.add(row);
        for (const b of batch) b.done();
      } catch (error) {
        for (const b of batch) b.fail(error as Error);
      }
    }
    this.writing = false;
  }

  private async rowsToGo(writes: readonly CacheWrite[]) {
    const ids = writes.flatMap((write) =>
      'remove' in write && write.remove === 'prediction' ? [write.id] : [],
    );
    const held = ids.filter((id) => this.predictions.has(id));
    return held.length === 0 ? [] : await this.cache.readPredictions(held);
  }

  private apply(write: CacheWrite): void {
    if ('put' in write) {
      switch (write.put) {
        case 'file': {
          const before = this.files.get(write.record.path);
          if (before !== undefined && !isSameContent(before, write.record)) {
            this.orphans = 'possible';
          }
          this.files.set(write.record.path, write.record);
          return;
        }
        case 'sample':
          this.samples.set(sampleKey(write.record), write.record);
          return;
        case 'prediction':
          this.predictions.set(write.record.id, write.record);
          return;
        case 'pixels':
        case 'training-set':
          return;
      }
    }
    switch (write.remove) {
      case 'file':
        if (this.files.delete(write.path)) this.orphans = 'possible';
        return;
      case 'sample':
        this.samples.delete(write.key);
        return;
      case 'prediction':
        this.predictions.delete(write.id);
        return;
      case 'pixels':
      case 'training-set':
        return;
    }
  }
}

function isSameContent(a: FileRecord, b: FileRecord): boolean {
  return a.sha256 === b.sha256 && a.preprocessing === b.preprocessing;
}
