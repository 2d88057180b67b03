import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { MeasureTable } from '../../src/layout/file-role.js';
import { layoutOf } from '../../src/layout/layouts.js';
import { type OpenStore, openStore } from '../../src/store/open-store.js';
import type { FileRecord, SampleRecord } from '../../src/store/records.js';
import { readTrueMeasures } from '../../src/streams/evaluation/true-measures.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const raw = join(temporaryFolder(), 'raw');
const measure: MeasureTable = {
  csv: 'heads.csv',
  file: 'Name',
  mm: 'HC (mm)',
  is: 'circumference',
};
let store: OpenStore;

const sample = (id: string, imageSha: string, spacing = true): SampleRecord => ({
  ...{ id, split: 'train', imageSha, maskSha: 'm', fingerprint: 'f', preprocessing: 'p' },
  ...(spacing && { spacing: { rowMm: 0.1, columnMm: 0.1 } }),
});

beforeAll(async () => {
  mkdirSync(raw);
  store = await openStore(join(raw, '../store'), 'test');
  const stamp = { size: 1, mtimeMs: 1, ctimeMs: 1, height: 4, width: 4, preprocessing: 'p' };
  const images: [string, string][] = [
    ['heads/1.png', 'a'],
    ['heads/2.png', 'b'],
    // The same picture once more.
    ['heads/3.png', 'b'],
    ['heads/4.png', 'c'],
  ];
  await store.catalog.commit(
    images.map(([path, sha256]) => {
      const record: FileRecord = { ...stamp, path, kind: 'image', sha256 };
      return { put: 'file', record } as const;
    }),
  );
});
afterAll(async () => await store.close());

async function read(table: string | null, given: object = { measure }) {
  if (table !== null) writeFileSync(join(raw, 'heads.csv'), table);
  const layout = layoutOf({ images: 'heads/{id}.png', masks: 'heads/{id}_mask.png', ...given });
  if (!layout.ok) throw new Error(layout.failure.message);
  const samples = [sample('1', 'a'), sample('2', 'b'), sample('3', 'b'), sample('4', 'c', false)];
  return await readTrueMeasures(samples, { raw, layout: layout.value }, store.catalog);
}

test('finds what each image measures by its own file, of copies too', async () => {
  const measures = await read('name;hc (mm)\n1.png;100,5\n2.png;200\nheads/3.png;201\n4.png;300\n');
  if (!measures.ok || measures.value === null) throw new Error('no measures');
  expect(measures.value.is).toBe('circumference');
  expect([...measures.value.byId]).toEqual([
    ['1', 100.5],
    ['2', 200],
    ['3', 201],
    ['4', 300],
  ]);
  expect(measures.value.remarks).toEqual([
    expect.stringMatching(/heads.csv .*without a pixel size: 4\.$/),
  ]);
});

test('tells what it could not use, with examples', async () => {
  const measures = await read('name,hc (mm)\n1.png,100\n2.png,x\n');
  if (!measures.ok || measures.value === null) throw new Error('no measures');
  expect(measures.value.remarks).toEqual([
    expect.stringContaining('says nothing of 2, 3, 4.'),
    expect.stringContaining('line 3'),
  ]);
});

test('fails where the table lacks a column or is not there; is null where none is named', async () => {
  const lacking = await read('file,mm\n1.png,100\n');
  expect(lacking).toMatchObject({ failure: { code: 'MEASURE_TABLE' } });
  expect(lacking).toMatchObject({ failure: { message: expect.stringContaining('"Name"') } });
  const gone = await read(null, { measure: { ...measure, csv: 'gone.csv' } });
  expect(gone).toMatchObject({ failure: { message: expect.stringContaining('gone.csv') } });
  expect(await read(null, {})).toEqual({ ok: true, value: null });
});
