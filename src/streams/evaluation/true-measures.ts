import { join } from 'node:path';
import { numberOf } from '../../formats/file-numbers.js';
import type { Layout, MeasureTable } from '../../layout/file-role.js';
import { fail, ok, type Result } from '../../operators/result.js';
import type { Catalog } from '../../store/catalog.js';
import { partOf } from '../../store/part-path.js';
import { kindOf } from '../../store/pixel-keys.js';
import type { SampleRecord } from '../../store/records.js';
import { readFileNumbers } from '../intake/read-file-numbers.js';

/** What the layout's table says that images truly measure. */
export interface TrueMeasures {
  readonly is: MeasureTable['is'];
  /** By sample id: mm, or mm² of an area. */
  readonly byId: ReadonlyMap<string, number>;
  /** What could not be used, in sentences. */
  readonly remarks: readonly string[];
}

/** Ids or lines named in one sentence. */
const mostNamed = 5;

/** Null where the layout names no such table; fails where the table cannot be read. */
export async function readTrueMeasures(
  pairs: readonly SampleRecord[],
  { raw, layout }: { readonly raw: string; readonly layout: Layout },
  catalog: Pick<Catalog, 'files'>,
): Promise<Result<TrueMeasures | null, 'MEASURE_TABLE'>> {
  const { measure } = layout;
  if (measure === undefined) return ok(null);
  const csv = join(raw, measure.csv);
  const table = await readFileNumbers(csv, measure);
  if (!table.ok) {
    return fail(
      'MEASURE_TABLE',
      `${csv}, the layout's table of measures: ${table.failure.message}`,
    );
  }
  const pathOf = imagePaths(layout, catalog);
  const byId = new Map<string, number>();
  for (const pair of pairs) {
    const path = pathOf(pair);
    const value = path === undefined ? undefined : numberOf(table.value, path);
    if (value !== undefined) byId.set(pair.id, value);
  }
  const unknown = pairs.filter(({ id }) => !byId.has(id)).map(({ id }) => id);
  const unspaced = pairs.filter(({ id, spacing }) => byId.has(id) && spacing === undefined);
  const remarks = [
    remark('says nothing of', unknown),
    remark(
      'cannot be compared with images without a pixel size:',
      unspaced.map(({ id }) => id),
    ),
    remark(
      'is not understood in',
      table.value.failures.map(({ line, message }) => `line ${line} (${message})`),
    ),
  ];
  return ok({
    is: measure.is,
    byId,
    remarks: remarks.flatMap((text) => (text === null ? [] : `${csv} ${text}.`)),
  });
}

function remark(what: string, names: readonly string[]): string | null {
  if (names.length === 0) return null;
  const more = names.length - mostNamed;
  return `${what} ${names.slice(0, mostNamed).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** Where a sample's image lies under raw/; of several with the same bytes, the one of that id. */
function imagePaths(
  layout: Layout,
  { files }: Pick<Catalog, 'files'>,
): (sample: SampleRecord) => string | undefined {
  const bySha = new Map<string, string[]>();
  for (const record of files.values()) {
    if (kindOf(record) !== 'image') continue;
    const { file } = partOf(record.path);
    bySha.set(record.sha256, [...(bySha.get(record.sha256) ?? []), file]);
  }
  return ({ id, imageSha }) => {
    const paths = bySha.get(imageSha) ?? [];
    const isOf = (path: string) => {
      const role = layout.roleOf(path);
      return role.kind === 'image' && role.id === id;
    };
    return paths.find(isOf) ?? paths[0];
  };
}
