import type { Level } from 'level';
import { folderIdOf, hasRoomToOpen } from './cache-folder.js';
import {
  type CacheContents,
  type CacheParts,
  readContents,
  type TrainingSet,
} from './cache-parts.js';
import { type CacheWrite, operationOf } from './cache-writes.js';
import { decodePixelRecord } from './pixel-codec.js';
import type { PixelRecord, PredictionRecord } from './records.js';

const keysAtOnce = 500;

/**
 * The LevelDB under store/cache, open (open-cache.ts opens it). It knows keys and values, not what
 * they are for.
 */
export class Cache {
  private isClosed = false;
  /** Whatever reads waits for it. */
  private reopening: Promise<unknown> = Promise.resolve();

  /**
   * @param folderId which folder it is, whatever lies under its path later
   * @param contents read on opening, handed out by the first `load`
   */
  constructor(
    private readonly db: Level<string, Uint8Array>,
    private readonly parts: CacheParts,
    private readonly folderId: string | null,
    private contents: CacheContents | null,
  ) {}

  async load(): Promise<CacheContents> {
    const contents = this.contents ?? (await this.read(() => readContents(this.parts)));
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
    const values = await this.read(() => this.parts.pixels.getMany([...keys]));
    return values.map((value) => value && decodePixelRecord(value));
  }

  /** Rows with their run-length codes; undefined for an id without one. */
  async readPredictions(ids: readonly string[]): Promise<(PredictionRecord | undefined)[]> {
    return await this.read(() => this.parts.predictions.getMany([...ids]));
  }

  async hasPixels(keys: readonly string[]): Promise<boolean[]> {
    return await this.read(() => this.parts.pixels.hasMany([...keys]));
  }

  /** Ascending. */
  async *pixelKeys(): AsyncGenerator<string> {
    const { pixels } = this.parts;
    let some = await this.read(() => pixels.keys({ limit: keysAtOnce }).all());
    while (some.length > 0) {
      yield* some;
      const after = some.at(-1)!;
      some = await this.read(() => pixels.keys({ gt: after, limit: keysAtOnce }).all());
    }
  }

  async trainingSetOf(runId: string): Promise<TrainingSet | undefined> {
    return await this.read(() => this.parts.trainingSets.get(runId));
  }

  async trainingRunIds(): Promise<string[]> {
    return await this.read(() => this.parts.trainingSets.keys().all());
  }

  /**
   * Whether its folder is still where it was opened. If not, writes go into files that have no name
   * any more, and are lost with this process.
   */
  async isInPlace(): Promise<boolean> {
    const now = await folderIdOf(this.db.location);
    return now === null || this.folderId === null || now === this.folderId;
  }

  /** Safe to call twice. */
  async close(): Promise<void> {
    this.isClosed = true;
    await this.reopening;
    await this.db.close();
  }

  /** What is cut off when the cache is opened anew is read once more. */
  private async read<T>(work: () => Promise<T>): Promise<T> {
    const { reopening } = this;
    await reopening;
    try {
      return await work();
    } catch (error) {
      if (this.reopening === reopening) throw error;
      await this.reopening;
      return await work();
    }
  }

  private async write(writes: readonly CacheWrite[]): Promise<void> {
    const operations = writes.map((write) => operationOf(write, this.parts));
    await this.db.batch<string, unknown>(operations, {});
  }

  /**
   * Once a write has failed, say on a full disk, LevelDB refuses all others until opened anew. Not
   * before there is a point in it: one that cannot be opened cannot be read either.
   */
  private async couldReopen(): Promise<boolean> {
    if (this.isClosed || !(await hasRoomToOpen(this.db.location))) return false;
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
    for (const part of Object.values(this.parts)) await part.open();
  }
}
