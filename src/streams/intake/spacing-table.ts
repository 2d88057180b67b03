import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PixelSpacing } from '../../formats/frames.js';
import { spacingsOf } from '../../formats/spacing-csv.js';
import type { Doubt } from '../../labels/doubt.js';
import type { Layout } from '../../layout/file-role.js';
import { readCsv } from '../../operators/csv.js';
import type { Result } from '../../operators/result.js';

type Spacings = ReadonlyMap<string, PixelSpacing>;

/** Pixel sizes that a layout's table tells, read once; images are looked up by path or by name. */
export class SpacingTable {
  private table: Promise<Result<Spacings>> | undefined;

  constructor(
    private readonly raw: string,
    private readonly layout: Layout,
  ) {}

  /** Null where the layout has no table; a doubt where that says nothing of this image. */
  async of(path: string): Promise<{ readonly spacing?: PixelSpacing; readonly doubts: Doubt[] }> {
    const { spacing: columns } = this.layout;
    if (columns === undefined) return { doubts: [] };
    this.table ??= readTable(join(this.raw, columns.csv), columns);
    const table = await this.table;
    const doubt = (message: string) => ({
      doubts: [{ code: 'SPACING_UNKNOWN', message } as const],
    });
    if (!table.ok) return doubt(`${columns.csv}: ${table.failure.message}`);
    const spacing = table.value.get(path) ?? table.value.get(path.slice(path.lastIndexOf('/') + 1));
    if (spacing === undefined) return doubt(`${columns.csv} says no pixel size of it`);
    return { spacing, doubts: [] };
  }
}

async function readTable(
  path: string,
  columns: { readonly file: string; readonly mm: string },
): Promise<Result<Spacings>> {
  const text = await readFile(path, 'utf8').catch((error: Error) => error);
  if (text instanceof Error) {
    return {
      ok: false,
      failure: { code: 'UNREADABLE', message: `cannot be read: ${text.message}` },
    };
  }
  const table = readCsv(text);
  if (!table.ok) return table;
  const spacings = spacingsOf(table.value, columns);
  return spacings.ok ? { ok: true, value: spacings.value.byFile } : spacings;
}
