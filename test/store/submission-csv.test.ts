import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { formatSubmission, parseSubmission } from '../../src/store/submission-csv.js';
import { writeWholeFile } from '../../src/store/whole-file.js';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'nerveflow-submission-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

test('a header, then a row an image by numeric id, an empty mask being nothing', () => {
  const rows = [
    { id: '10', rle: '1 3' },
    { id: '9', rle: '' },
    { id: '100', rle: '2 1 5 2' },
  ];
  expect(formatSubmission(rows)).toBe('img,pixels\n9,\n10,1 3\n100,2 1 5 2\n');
  expect(formatSubmission([])).toBe('img,pixels\n');
});

test('reading back gives what was written, whatever the line ends', () => {
  const run = fc
    .tuple(fc.integer({ min: 1 }), fc.integer({ min: 1 }))
    .map((pair) => pair.join(' '));
  const rle = fc.array(run, { maxLength: 4 }).map((runs) => runs.join(' '));
  const rows = fc.dictionary(fc.nat().map(String), rle);
  fc.assert(
    fc.property(rows, fc.constantFrom('\n', '\r\n'), (byId, lineEnd) => {
      const text = formatSubmission(Object.entries(byId).map(([id, rle]) => ({ id, rle })));
      expect(Object.fromEntries(parseSubmission(text.replaceAll('\n', lineEnd)))).toEqual({
        ...byId,
      });
    }),
  );
});

test('lines that are no rows are left out', () => {
  expect([...parseSubmission('img,pixels\n\nnonsense\n,1 2\n5,1 2')]).toEqual([['5', '1 2']]);
});

test('an equal file is left alone, another one replaced whole, with nothing left beside it', async () => {
  const path = join(home, 'submission.csv');
  expect(await writeWholeFile(path, ['a\n'])).toBe('written');
  const before = await stat(path);
  expect(await writeWholeFile(path, ['a\n'])).toBe('unchanged');
  expect((await stat(path)).mtimeMs).toBe(before.mtimeMs);
  expect(await writeWholeFile(path, ['b\n'])).toBe('written');
  expect(await readFile(path, 'utf8')).toBe('b\n');
  expect(await readdir(home)).toEqual(['submission.csv']);
});

test('where it cannot be written the one before stays', async () => {
  await writeFile(join(home, 'file'), 'x');
  await expect(writeWholeFile(join(home, 'file', 'submission.csv'), ['a\n'])).rejects.toThrow();
  expect(await readdir(home)).toEqual(['file']);
});
