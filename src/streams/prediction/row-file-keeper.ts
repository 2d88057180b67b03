import { stat } from 'node:fs/promises';
import type { PipelineEvent } from '../../events.js';
import type { Catalog } from '../../store/catalog.js';
import { spacingOf } from '../../store/row-csv.js';
import { storeFailure } from '../../store/store-failure.js';
import { inSubmissionOrder } from '../../store/submission-csv.js';
import { writeWholeFile } from '../../store/whole-file.js';
import { inTimeSlices, TimeSlice } from '../time-slice.js';
import type { RowCounts, RowFile } from './row-files.js';

/** During a long backlog the file is brought up to date this often, */
const intervalMs = 5000;
/** or more seldom, where there are so many rows that it would do little else. */
const restAfterWriting = 10;
/** Characters handed to the file at once. */
const partBytes = 256 * 1024;

/** Keeps a CSV equal to the rows in the catalog: submission.csv, measurements.csv. */
export class RowFileKeeper {
  private state: 'current' | 'stale' | 'refused' = 'stale';
  /** Code of the failure that was told last; empty since a write went well. */
  private lastReported = '';
  private lastWrite = { at: performance.now(), restMs: intervalMs };
  /** What the file looked like after the last write; null before there was anything to write. */
  private leftAs: string | null = null;
  private writing: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly catalog: Catalog,
    private readonly file: RowFile,
    private readonly emit: (event: PipelineEvent) => void,
  ) {}

  /** The rows have changed, and writing has not just been refused. */
  get isWanted(): boolean {
    return this.state === 'stale';
  }

  /** The last attempt failed; the file is behind. */
  get isBehind(): boolean {
    return this.state === 'refused';
  }

  get isDue(): boolean {
    const { at, restMs } = this.lastWrite;
    return this.isWanted && performance.now() - at > restMs;
  }

  rowsChanged(): void {
    this.state = 'stale';
  }

  /** What was refused is tried again with the next write. */
  retry(): void {
    if (this.state === 'refused') this.state = 'stale';
  }

  /** Looks whether somebody has deleted or changed the file since it was written. */
  async isDisturbed(): Promise<boolean> {
    const { leftAs } = this;
    if (leftAs === null) return false;
    await this.writing;
    return leftAs === this.leftAs && leftAs !== (await lookOf(this.file.path));
  }

  /** One write after the other: an older state never replaces a newer one. */
  async bringUpToDate(hasModel: boolean): Promise<void> {
    const own = this.writing.then(() => this.write(hasModel));
    this.writing = own;
    await own;
  }

  private async write(hasModel: boolean): Promise<void> {
    if (!this.isWanted) return;
    this.state = 'current';
    const at = performance.now();
    this.lastWrite = { ...this.lastWrite, at };
    const ids = await inTimeSlices(this.idsWithRows());
    // Before the first prediction there is nothing to tell.
    if (ids.length === 0 && !hasModel) return;
    try {
      const written = { rows: 0, nonEmpty: 0 };
      const outcome = await writeWholeFile(this.file.path, this.partsOf(ids, written));
      const restMs = Math.max(intervalMs, (performance.now() - at) * restAfterWriting);
      this.lastWrite = { at, restMs };
      this.lastReported = '';
      const isFirst = this.leftAs === null;
      this.leftAs = await lookOf(this.file.path);
      if (outcome === 'unchanged') {
        if (isFirst) await this.tellUnchanged(written);
        return;
      }
      this.emit(this.file.written(written));
    } catch (error) {
      this.state = 'refused';
      const failure = storeFailure(error as Error);
      if (this.lastReported === failure.code) return;
      this.lastReported = failure.code;
      this.emit({ type: 'item.failed', path: this.file.path, stage: this.file.stage, ...failure });
    }
  }

  private *idsWithRows(): Generator<void, string[]> {
    const { samples, predictions } = this.catalog;
    const ids: string[] = [];
    for (const id of predictions.keys()) {
      if (samples.has(`test/${id}`)) ids.push(id);
      yield;
    }
    return yield* inSubmissionOrder(ids);
  }

  private async tellUnchanged(counts: RowCounts): Promise<void> {
    const standing = await stat(this.file.path).catch(() => null);
    const event = standing && this.file.unchanged?.(counts, standing.mtime.toISOString());
    if (event) this.emit(event);
  }

  /** Counts what it hands out; a row that went meanwhile is left out, and its going makes it stale. */
  private async *partsOf(
    ids: readonly string[],
    written: { rows: number; nonEmpty: number },
  ): AsyncGenerator<string> {
    yield `${this.file.header}\n`;
    let part = '';
    const slice = new TimeSlice();
    for await (const row of this.catalog.rowsOf(ids)) {
      if (slice.isOver) await slice.yield();
      written.rows++;
      if (row.rle !== '') written.nonEmpty++;
      part += this.file.lineOf(row, spacingOf(row, this.catalog));
      if (part.length < partBytes) continue;
      yield part;
      part = '';
    }
    yield part;
  }
}

async function lookOf(path: string): Promise<string> {
  return await stat(path).then(
    ({ ino, size, mtimeMs, ctimeMs }) => `${ino} ${size} ${mtimeMs} ${ctimeMs}`,
    ({ code }: NodeJS.ErrnoException) => `${code}`,
  );
}
