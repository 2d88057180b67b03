import { stat } from 'node:fs/promises';
import type { PipelineEvent } from '../events.js';
import type { Catalog } from '../store/catalog.js';
import { formatSubmission, writeSubmission } from '../store/submission.js';
import { storeFailure } from './ingest-file.js';

/** During a long backlog submission.csv is brought up to date this often. */
const INTERVAL_MS = 5000;

/** Keeps submission.csv equal to the rows in the catalog. */
export class SubmissionKeeper {
  private isStale = true;
  private isRefused = false;
  private told = '';
  private writtenAt = 0;
  /** What the file looked like after the last write; null before there was anything to write. */
  private leftAs: string | null = null;
  private writing: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly catalog: Catalog,
    private readonly path: string,
    private readonly emit: (event: PipelineEvent) => void,
  ) {}

  /** The rows have changed, and writing has not just been refused. */
  get isWanted(): boolean {
    return this.isStale && !this.isRefused;
  }

  /** The last attempt failed; the file is behind. */
  get isBehind(): boolean {
    return this.isRefused;
  }

  get isDue(): boolean {
    return this.isWanted && performance.now() - this.writtenAt > INTERVAL_MS;
  }

  rowsChanged(): void {
    this.isStale = true;
    this.isRefused = false;
  }

  /** What was refused is tried again with the next write. */
  retry(): void {
    this.isRefused = false;
  }

  /** Looks whether somebody has deleted or changed the file since it was written. */
  async isDisturbed(): Promise<boolean> {
    const { leftAs } = this;
    if (leftAs === null) return false;
    await this.writing;
    return leftAs === this.leftAs && leftAs !== (await lookOf(this.path));
  }

  /** One write after the other: an older state never replaces a newer one. */
  async bringUpToDate(hasModel: boolean): Promise<void> {
    const own = this.writing.then(() => this.write(hasModel));
    this.writing = own;
    await own;
  }

  private async write(hasModel: boolean): Promise<void> {
    if (!this.isWanted) return;
    this.isStale = false;
    this.writtenAt = performance.now();
    const { samples, predictions } = this.catalog;
    const rows = [...predictions.values()].filter(({ id }) => samples.has(`test/${id}`));
    // Before the first prediction there is nothing to submit.
    if (rows.length === 0 && !hasModel) return;
    try {
      const outcome = await writeSubmission(this.path, formatSubmission(rows));
      this.told = '';
      this.leftAs = await lookOf(this.path);
      if (outcome === 'unchanged') return;
      const nonEmpty = rows.filter(({ rle }) => rle !== '').length;
      this.emit({ type: 'submission.written', path: this.path, rows: rows.length, nonEmpty });
    } catch (error) {
      this.isStale = true;
      this.isRefused = true;
      const failure = storeFailure(error as Error);
      if (this.told === failure.code) return;
      this.told = failure.code;
      this.emit({ type: 'item.failed', path: this.path, stage: 'submission', ...failure });
    }
  }
}

async function lookOf(path: string): Promise<string> {
  return await stat(path).then(
    ({ ino, size, mtimeMs, ctimeMs }) => `${ino} ${size} ${mtimeMs} ${ctimeMs}`,
    ({ code }: NodeJS.ErrnoException) => `${code}`,
  );
}
