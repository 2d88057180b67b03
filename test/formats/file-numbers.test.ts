import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { numberOf, numbersByFile } from '../../src/formats/file-numbers.js';
import { readCsv } from '../../src/operators/csv.js';
import { sharedData } from '../support/shared-data.js';

const columns = { file: 'filename', mm: 'Pixel size(mm)' };

function read(text: string) {
  const table = readCsv(text);
  if (!table.ok) throw new Error(table.failure.message);
  return numbersByFile(table.value, columns);
}

test('takes a number for each file', () => {
  const result = read('filename,pixel size(mm),other\na.png,0.06,1\nb.png,0.1,2\n');
  if (!result.ok) throw new Error(result.failure.message);
  expect([...result.value.byFile]).toEqual([
    ['a.png', 0.06],
    ['b.png', 0.1],
  ]);
  expect(result.value.failures).toEqual([]);
});

test('takes a decimal comma where semicolons part the fields', () => {
  const result = read('filename;pixel size(mm)\na.png;0,06\n');
  expect(result.ok && result.value.byFile.get('a.png')).toBe(0.06);
});

test('names rows without a number, and the column that is not there', () => {
  const result = read('filename,pixel size(mm)\na,0.1\nb,\nc,-1\nd,x\na,0.2\na,0.1\n');
  expect(result.ok && result.value.failures.map(({ line, code }) => [line, code])).toEqual([
    [3, 'NO_NUMBER'],
    [4, 'NO_NUMBER'],
    [5, 'NO_NUMBER'],
    [6, 'NUMBER_TWICE'],
  ]);
  expect(read('file,mm\na,1\n')).toMatchObject({ failure: { code: 'CSV_COLUMNS' } });
});

const hc18 = sharedData('hc18');

test.skipIf(!existsSync(hc18))('reads the table of 162 fetal heads', () => {
  const file = 'training_set_pixel_size_and_HC.csv';
  const result = read(readFileSync(join(hc18, file), 'utf8'));
  if (!result.ok) throw new Error(result.failure.message);
  expect(result.value.byFile.get('000_HC.png')).toBe(0.069135804);
  expect(result.value.failures).toEqual([]);
});

test('knows a file by its path, or by its name alone', () => {
  const result = read('filename,pixel size(mm)\na/1.png,0.1\n1.png,0.2\n');
  if (!result.ok) throw new Error(result.failure.message);
  expect(numberOf(result.value, 'a/1.png')).toBe(0.1);
  expect(numberOf(result.value, 'b/1.png')).toBe(0.2);
  expect(numberOf(result.value, 'b/2.png')).toBeUndefined();
});
