import { join } from 'node:path';
import { defer, type Observable, of, tap } from 'rxjs';
import { type FileNumbers, numberOf } from '../../formats/file-numbers.js';
import type { PixelSpacing } from '../../formats/frames.js';
import type { Layout } from '../../layout/file-role.js';
import type { Result } from '../../operators/result.js';
import { partOf } from '../../store/part-path.js';
import type { FileRecord } from '../../store/records.js';
import { readFileNumbers } from './read-file-numbers.js';

/**
 * Pixel sizes of images: what the settings say counts over the layout's table, that over what the
 * image's file says. They decide no pixel, so that a change of them reads no image again.
 */
export class Spacings {
  private lastReported = '';
  private table: Result<FileNumbers> | null = null;

  constructor(
    private readonly raw: string,
    private readonly layout: Layout,
    private readonly asked: PixelSpacing | null,
  ) {}

  /** Reads the table, or reads it anew; emits once it counts, at once where there is none. */
  loaded(): Observable<unknown> {
    const { spacing } = this.layout;
    if (spacing === undefined) return of(null);
    return defer(() => readFileNumbers(join(this.raw, spacing.csv), spacing)).pipe(
      tap((table) => {
        this.table = table;
      }),
    );
  }

  /** An image's record with the pixel size that counts. */
  withSpacing(record: FileRecord): FileRecord {
    const spacing = this.asked ?? this.inTable(record.path);
    return spacing === null ? record : { ...record, spacing };
  }

  /** Whether something else was to be said of it last. */
  isNews(message: string): boolean {
    const isNews = this.lastReported !== message;
    this.lastReported = message;
    return isNews;
  }

  /** What is wrong with the table as a whole, or null. */
  get failure(): string | null {
    const { table } = this;
    return table === null || table.ok ? null : table.failure.message;
  }

  private inTable(path: string): PixelSpacing | null {
    if (!this.table?.ok) return null;
    const mm = numberOf(this.table.value, partOf(path).file);
    return mm === undefined ? null : { rowMm: mm, columnMm: mm };
  }
}
