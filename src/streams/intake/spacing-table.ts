import { join } from 'node:path';
import { type FileNumbers, numberOf } from '../../formats/file-numbers.js';
import type { PixelSpacing } from '../../formats/frames.js';
import type { Doubt } from '../../labels/doubt.js';
import type { Layout } from '../../layout/file-role.js';
import type { Result } from '../../operators/result.js';
import { readFileNumbers } from './read-file-numbers.js';

/** Pixel sizes that a layout's table tells, read once; images are looked up by path or by name. */
export class SpacingTable {
  private table: Promise<Result<FileNumbers>> | undefined;

  constructor(
    private readonly raw: string,
    private readonly layout: Layout,
  ) {}

  /** Null where the layout has no table; a doubt where that says nothing of this image. */
  async of(path: string): Promise<{ readonly spacing?: PixelSpacing; readonly doubts: Doubt[] }> {
    const { spacing: columns } = this.layout;
    if (columns === undefined) return { doubts: [] };
    this.table ??= readFileNumbers(join(this.raw, columns.csv), columns);
    const table = await this.table;
    const doubt = (message: string) => ({
      doubts: [{ code: 'SPACING_UNKNOWN', message } as const],
    });
    if (!table.ok) return doubt(`${columns.csv}: ${table.failure.message}`);
    const mm = numberOf(table.value, path);
    if (mm === undefined) return doubt(`${columns.csv} says no pixel size of it`);
    return { spacing: { rowMm: mm, columnMm: mm }, doubts: [] };
  }
}
