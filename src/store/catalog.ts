import { type Cache, type CacheWrite, sampleKey } from './cache.js';
import type { FileRecord, PredictionRecord, SampleRecord } from './records.js';

/**
 * What the cache holds, in memory, and the one way to change it. A map here changes only after
 * its write has been committed, so whoever reads it reads what would survive a crash.
 */
export class Catalog {
  readonly files = new Map<string, FileRecord>();
  /** Keyed `split/id`. */
  readonly samples = new Map<string, SampleRecord>();
  /** Keyed by test id. */
  readonly predictions = new Map<string, PredictionRecord>();

  /**
   * Whether pixels may lie in the cache that no file has any more. True at first: a process that was
   * killed may have left some.
   */
  mayHoldOrphans = true;

  private waiting: { writes: readonly CacheWrite[]; done: () => void; fail: (e: Error) => void }[] =
    [];
  private writing = false;

  private constructor(readonly cache: Cache) {}

  static async load(cache: Cache): Promise<Catalog> {
    const catalog = new Catalog(cache);
    const { files, samples, predictions } = await cache.load();
    for (const record of files) catalog.files.set(record.path, record);
    for (const record of samples) catalog.samples.set(sampleKey(record), record);
    for (const record of predictions) catalog.predictions.set(record.id, record);
    return catalog;
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
    for (const sample of this.samples.values()) if (sample.split === split) yield sample;
  }

  private async drain(): Promise<void> {
    this.writing = true;
    while (this.waiting.length > 0) {
      const batch = this.waiting;
      this.waiting = [];
      const writes = batch.flatMap((b) => b.writes);
      try {
        await this.cache.commit(writes);
        for (const write of writes) this.apply(write);
        for (const b of batch) b.done();
      } catch (error) {
        for (const b of batch) b.fail(error as Error);
      }
    }
    this.writing = false;
  }

  private apply(write: CacheWrite): void {
    if ('put' in write) {
      switch (write.put) {
        case 'file': {
          const before = this.files.get(write.record.path);
          if (before !== undefined && !isSameContent(before, write.record))
            this.mayHoldOrphans = true;
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
        if (this.files.delete(write.path)) this.mayHoldOrphans = true;
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
