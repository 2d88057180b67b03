import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { spacingsOf } from '../../src/formats/spacing-csv.js';
import { readCsv } from '../../src/operators/csv.js';
import { sharedData } from '../support/shared-data.js';

const columns = { file: 'filename', mm: 'Pixel size(mm)' };

function read(text: string) {
  const table = readCsv(text);
  if (!table.ok) throw new Error(table.failure.message);
  return spacingsOf(table.value, columns);
}

test('takes a spacing for each file', () => {
  const result = read('filename,pixel size(mm),other\na.png,0.06,1\nb.png,0.1,2\n');
  if (!result.ok) throw new Error(result.failure.message);
  expect([...result.value.byFile]).toEqual([
    ['a.png', { rowMm: 0.06, columnMm: 0.06 }],
    ['b.png', { rowMm: 0.1, columnMm: 0.1 }],
  ]);
  expect(result.value.failures).toEqual([]);
});

test('takes a decimal comma where semicolons part the fields', () => {
  const result = read('filename;pixel size(mm)\na.png;0,06\n');
  expect(result.ok && result.value.byFile.get('a.png')).toEqual({ rowMm: 0.06, columnMm: 0.06 });
});

test('names rows without a spacing, and the column that is not there', () => {
  const result = read('filename,pixel size(mm)\na,0.1\nb,\nc,-1\nd,x\na,0.2\na,0.1\n');
  expect(result.ok && result.value.failures.map(({ line, code }) => [line, code])).toEqual([
    [3, 'NO_SPACING'],
    [4, 'NO_SPACING'],
    [5, 'NO_SPACING'],
    [6, 'SPACING_TWICE'],
  ]);
  expect(read('file,mm\na,1\n')).toMatchObject({ failure: { code: 'CSV_COLUMNS' } });
});

const hc18 = sharedData('hc18');

test.skipIf(!existsSync(hc18))('reads the table of 162 fetal heads', () => {
  const file = 'training_set_pixel_size_and_HC.csv';
  const result = read(readFileSync(join(hc18, file), 'utf8'));
  if (!result.ok) throw new Error(result.failure.message);
  expect(result.value.byFile.get('000_HC.png')?.rowMm).toBe(0.069135804);
  expect(result.value.failures).toEqual([]);
});
