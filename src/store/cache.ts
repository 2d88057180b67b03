import { readdir, rename, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Level } from 'level';
import { FileTable } from './file-table.js';
import { decodePixelRecord, encodePixelRecord } from './pixel-codec.js';
import { pixelKeyOfFile } from './pixel-keys.js';
import { PredictionTable } from './prediction-table.js';
import { Words } from './record-table.js';
import {
  type FileRecord,
  type PixelRecord,
  type PredictionRecord,
  type SampleRecord,
  sampleKey,
} from './records.js';
import { repairCache } from './repair-cache.js';
import { SampleTable } from './sample-table.js';

/** Written into every cache; a cache of another version is emptied and filled again from raw/. */
export const cacheFormat = 1;

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

/** LevelDB writes two files of 4 MB before it has opened for sure. */
const reopeningBytes = 8 * 1024 * 1024;

export interface CacheContents {
  readonly files: FileTable;
  readonly samples: SampleTable;
  readonly predictions: PredictionTable;
}

/** What opening a cache without changing it gives. */
export type CacheLook =
  | { readonly state: 'opened'; readonly cache: Cache }
  | { readonly state: 'none' | 'held' }
  | { readonly state: 'other-format'; readonly format: number }
  | { readonly state: 'damaged' | 'failed'; readonly message: string };

/** Records parsed at once; in between others have their turn. */
const recordsAtOnce = 200;
const keysAtOnce = 500;

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
  /** Read on opening, handed out by the first `load`. */
  private contents: CacheContents | null = null;
  private isClosed = false;
  /** Reading waits for it. */
  private reopening: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly db: Level<string, Uint8Array>,
    /** Which folder it is, whatever lies under its path later. */
    private readonly folderId: string | null,
  ) {
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
   *
   * @param isSuspect whoever had it last did not close it: its keys are looked through, since on
   * flipped bits LevelDB would end the process sooner or later
   */
  static async open(folder: string, isSuspect = false): Promise<CacheOpening> {
    const opening = await Cache.openOnce(folder, isSuspect);
    if (opening.state !== 'damaged') return opening;
    const { message } = opening;

    const isRepaired = await repairCache(folder).then(
      () => true,
      () => false,
    );
    if (isRepaired) {
      const repaired = await Cache.openOnce(folder, true);
      if (repaired.state === 'opened') {
        const lost = await repaired.cache.forgetFilesWithoutPixels();
        const rebuilt = `The cache was damaged (${message}) and has been repaired; ${lost} files are read again from raw/.`;
        return { ...repaired, rebuilt };
      }
      if (repaired.state !== 'damaged') return repaired;
    }

    const aside = `${folder}.damaged-${Date.now()}`;
    try {
      await rename(folder, aside);
    } catch (error) {
      return unusable((error as Error).message);
    }
    const anew = await Cache.openOnce(folder, false);
    if (anew.state === 'damaged') return unusable(anew.message);
    const rebuilt = `The cache was damaged beyond repair (${message}); it lies in ${aside} and is filled again from raw/.`;
    return anew.state === 'opened' ? { ...anew, rebuilt } : anew;
  }

  /**
   * Opens a cache to be looked at: nothing is made, repaired or emptied. LevelDB takes its lock all
   * the same and tidies its own files.
   */
  static async openToLook(folder: string): Promise<CacheLook> {
    const isThere = await readdir(folder).then(
      (names) => names.length > 0,
      () => false,
    );
    if (!isThere) return { state: 'none' };
    const db = levelAt(folder);
    try {
      await db.open({ createIfMissing: false });
      const cache = new Cache(db, await folderIdOf(folder));
      const format = await cache.meta.get('format');
      if (format !== undefined && format !== cacheFormat) {
        await db.close();
        return { state: 'other-format', format };
      }
      await cache.checkKeys();
      cache.contents = await cache.readContents();
      return { state: 'opened', cache };
    } catch (error) {
      await db.close().catch(() => {});
      const { code, message } = rootOf(error as Error);
      if (code === 'LEVEL_LOCKED') return { state: 'held' };
      // Without its file CURRENT LevelDB would begin anew.
      const isDamaged = isDamage(code, message) || /does not exist/.test(message);
      return { state: isDamaged ? 'damaged' : 'failed', message };
    }
  }

  /** Everything but pixels and run-length codes, packed: some 300 bytes a file. */
  async load(): Promise<CacheContents> {
    const contents = this.contents ?? (await this.readContents());
    this.contents = null;
    return contents;
  }

  /** All or nothing, in order. Not to be called again before it has settled. */
  async commit(writes: readonly CacheWrite[]): Promise<void> {
    try {
      await this.write(writes);
    } catch (error) {
      if (!(await this.couldReopen())) throw error;
      await this.write(writes);
    }
  }

  async readPixels(keys: readonly string[]): Promise<(PixelRecord | undefined)[]> {
    await this.reopening;
    const values = await this.pixels.getMany([...keys]);
    return values.map((value) => value && decodePixelRecord(value));
  }

  /** Rows with their run-length codes; undefined for an id without one. */
  async readPredictions(ids: readonly string[]): Promise<(PredictionRecord | undefined)[]> {
    await this.reopening;
    return await this.predictions.getMany([...ids]);
  }

  /**
   * Whether its folder is still where it was opened. If not, writes go into files that have no name
   * any more, and are lost with this process.
   */
  async isInPlace(): Promise<boolean> {
    const now = await folderIdOf(this.db.location);
    return now === null || this.folderId === null || now === this.folderId;
  }

  async hasPixels(keys: readonly string[]): Promise<boolean[]> {
    return await this.pixels.hasMany([...keys]);
  }

  async *pixelKeys(): AsyncGenerator<string> {
    const keys = this.pixels.keys();
    try {
      for (;;) {
        const some = await keys.nextv(keysAtOnce);
        if (some.length === 0) return;
        yield* some;
      }
    } finally {
      await keys.close();
    }
  }

  async trainingSetOf(runId: string): Promise<TrainingSet | undefined> {
    return await this.trainingSets.get(runId);
  }

  async trainingRunIds(): Promise<string[]> {
    return await this.trainingSets.keys().all();
  }

  /** Safe to call twice. */
  async close(): Promise<void> {
    this.isClosed = true;
    await this.reopening;
    await this.db.close();
  }

  private async write(writes: readonly CacheWrite[]): Promise<void> {
    const operations = writes.map((write) => this.operationOf(write));
    await this.db.batch<string, unknown>(operations, {});
  }

  /**
   * Once a write has failed, say on a full disk, LevelDB refuses all others until opened anew. Not
   * before there is a point in it: one that cannot be opened cannot be read either.
   */
  private async couldReopen(): Promise<boolean> {
    const { location } = this.db;
    if (this.isClosed || (await freeBytes(location)) < reopeningBytes) return false;
    if (!(await isWritable(location))) return false;
    const reopened = this.reopen().then(
      () => true,
      () => false,
    );
    this.reopening = reopened;
    return await reopened;
  }

  private async reopen(): Promise<void> {
    await this.db.close();
    await this.db.open();
    for (const part of [this.meta, this.files, this.pixels, this.samples, this.predictions]) {
      await part.open();
    }
    await this.trainingSets.open();
  }

  private static async openOnce(
    folder: string,
    isSuspect: boolean,
  ): Promise<CacheOpening | { readonly state: 'damaged'; readonly message: string }> {
    const db = levelAt(folder);
    try {
      await db.open();
      const cache = new Cache(db, await folderIdOf(folder));
      const rebuilt = await cache.checkFormat();
      if (isSuspect) await cache.checkKeys();
      // Some damage shows only on reading.
      cache.contents = await cache.readContents();
      return { state: 'opened', cache, rebuilt };
    } catch (error) {
      await db.close().catch(() => {});
      const { code, message } = rootOf(error as Error);
      if (code === 'LEVEL_LOCKED') return { state: 'held' };
      return isDamage(code, message) ? { state: 'damaged', message } : unusable(message);
    }
  }

  /** LevelDB does not verify checksums, and counts on keys that ascend. */
  private async checkKeys(): Promise<void> {
    let before: Buffer | null = null;
    for await (const key of this.db.keys<Buffer>({ keyEncoding: 'buffer' })) {
      if (before !== null && Buffer.compare(before, key) >= 0) {
        throw Object.assign(new Error('its keys are out of order'), { code: 'LEVEL_CORRUPTION' });
      }
      before = key;
    }
  }

  private async readContents(): Promise<CacheContents> {
    const words = new Words();
    const files = new FileTable(words);
    const samples = new SampleTable(words);
    const predictions = new PredictionTable(words);
    await inSlices(this.files.values(), (record) => files.set(record.path, record));
    await inSlices(this.samples.values(), (record) => samples.set(sampleKey(record), record));
    await inSlices(this.predictions.values(), (record) => predictions.set(record.id, record));
    return { files, samples, predictions };
  }

  /** Their size and time would say that there is nothing to do. Returns how many. */
  private async forgetFilesWithoutPixels(): Promise<number> {
    const contents = await this.load();
    const present = new Set<string>();
    for await (const key of this.pixelKeys()) present.add(key);
    const lost = [...contents.files.values()].filter((file) => !present.has(pixelKeyOfFile(file)));
    await this.commit(lost.map(({ path }) => ({ remove: 'file', path })));
    return lost.length;
  }

  private async checkFormat(): Promise<string | null> {
    const found = await this.meta.get('format');
    if (found === cacheFormat) return null;
    if (found !== undefined) await this.db.clear();
    await this.meta.put('format', cacheFormat);
    return found === undefined
      ? null
      : `The cache was of format ${found}, this version keeps format ${cacheFormat}; it is filled again from raw/.`;
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

/** LevelDB maps each open table of 2 MB into memory: with its default of 1000 they grow with the folder. */
const mostOpenTables = 74;

function levelAt(folder: string): Level<string, Uint8Array> {
  return new Level<string, Uint8Array>(folder, {
    valueEncoding: 'view',
    // Speckle does not compress; trying costs more than the disk.
    compression: false,
    maxOpenFiles: mostOpenTables,
  });
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

const nowhereFolder = 'nowhere';

/** Null where it cannot be told now, say for want of file handles. */
async function folderIdOf(folder: string): Promise<string | null> {
  return await stat(folder).then(
    ({ dev, ino }) => `${dev} ${ino}`,
    ({ code }: NodeJS.ErrnoException) =>
      code === 'ENOENT' || code === 'ENOTDIR' ? nowhereFolder : null,
  );
}

async function freeBytes(folder: string): Promise<number> {
  return await statfs(folder).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => 0,
  );
}

async function isWritable(folder: string): Promise<boolean> {
  const probe = join(folder, 'probe');
  try {
    await writeFile(probe, 'x');
    return true;
  } catch {
    return false;
  } finally {
    await rm(probe, { force: true }).catch(() => {});
  }
}

function unusable(message: string): CacheOpening & { state: 'failed' } {
  return { state: 'failed', code: 'STORE_UNUSABLE', message };
}

/** What LevelDB or the file system said, below what abstract-level says of it. */
function rootOf(error: Error & { code?: string }): { code: string; message: string } {
  const cause: Error & { code?: string } = error.cause instanceof Error ? error.cause : error;
  return { code: cause.code ?? error.code ?? 'UNKNOWN', message: cause.message };
}

/** Whether the files are at fault, and not rights, space or handles. */
function isDamage(code: string, message: string): boolean {
  switch (code) {
    case 'LEVEL_CORRUPTION':
    case 'LEVEL_DECODE_ERROR':
      return true;
    case 'LEVEL_IO_ERROR':
      // A file that LevelDB counts on is gone, or shorter than it was.
      return /No such file|Invalid argument/i.test(message);
    default:
      return false;
  }
}
