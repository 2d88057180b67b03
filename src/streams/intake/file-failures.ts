import type { PipelineEvent } from '../../events.js';
import type { FileTable } from '../../store/file-table.js';
import type { FileStamp } from '../../store/records.js';
import type { FileOutcome } from './file-in-hand.js';
import type { SeenFiles } from './reconcile.js';

/** What is kept of a file that could not be taken in. */
export interface FailedFile {
  /** In what words; they are not said again while they stay true. */
  readonly lastReported: string;
  /** Null when it is looked at again although it has not changed. */
  readonly seen: FileStamp | null;
}

/** What is kept after another look. A success is one only once it is in the catalog. */
export function failureAfter(
  before: FailedFile | undefined,
  outcome: FileOutcome,
): FailedFile | undefined {
  const lastReported = before?.lastReported ?? '';
  switch (outcome.type) {
    case 'failed':
      return { lastReported, seen: outcome.seen };
    case 'restless':
      return { lastReported, seen: null };
    case 'ready':
    case 'gone':
    case 'incomplete':
    case 'unreachable':
      return before;
  }
}

/** Files that could not be taken in: for the next comparison, for retrying, for not saying it twice. */
export class FileFailures {
  private readonly byPath = new Map<string, FailedFile>();

  of(path: string): FailedFile | undefined {
    return this.byPath.get(path);
  }

  has(path: string): boolean {
    return this.byPath.has(path);
  }

  accept(outcome: FileOutcome): void {
    this.set(outcome.path, failureAfter(this.of(outcome.path), outcome));
  }

  /** The store has refused what came of a file: it is to be looked at again. */
  refuse(path: string): void {
    this.set(path, { lastReported: this.of(path)?.lastReported ?? '', seen: null });
  }

  /** What came of the file is in the catalog; what has been kept since the look began stays. */
  succeed(path: string, asOf: FailedFile | undefined): void {
    if (this.of(path) === asOf) this.byPath.delete(path);
  }

  /** Whether an event says something that has not been said. */
  isNews(event: PipelineEvent): boolean {
    if (event.type !== 'item.failed') return true;
    const failed = this.of(event.path);
    if (failed === undefined) return true;
    const words = `${event.code} ${event.message}`;
    this.byPath.set(event.path, { ...failed, lastReported: words });
    return failed.lastReported !== words;
  }

  /** All of them, to be looked at once more and to be told anew. */
  takeAll(): string[] {
    for (const [path, failed] of this.byPath)
      this.byPath.set(path, { ...failed, lastReported: '' });
    return [...this.byPath.keys()];
  }

  /** What was last seen of each path: of those that failed and of those in the catalog. */
  seenWith(files: FileTable): SeenFiles {
    const failedOnly = () => [...this.byPath.keys()].filter((path) => !files.has(path));
    return {
      count: () => files.fileCount + failedOnly().length,
      paths: () => [...files.filePaths(), ...failedOnly()],
      has: (path) => files.has(path) || this.has(path),
      stamp: (path) => {
        const failed = this.of(path);
        return failed ? (failed.seen ?? undefined) : files.stampOf(path);
      },
    };
  }

  private set(path: string, failed: FailedFile | undefined): void {
    if (failed === undefined) this.byPath.delete(path);
    else this.byPath.set(path, failed);
  }
}
