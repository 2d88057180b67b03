import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listMaskFiles, removeMaskFile, writeMaskFile } from '../../src/store/mask-files.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nerveflow-masks-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const png = (text: string) => new TextEncoder().encode(text);

test('what is asked of one mask happens in that order, however it overlaps', async () => {
  const expected: Record<string, string> = {};
  const all: Promise<void>[] = [];
  for (let round = 0; round < 40; round++) {
    const id = `${round % 4}`;
    if (round % 3 === 0) {
      all.push(removeMaskFile(folder, id));
      delete expected[id];
    } else {
      all.push(writeMaskFile(folder, id, png(`${round}`)));
      expected[id] = `${round}`;
    }
  }
  await Promise.all(all);
  const found: Record<string, string> = {};
  for (const id of await listMaskFiles(folder)) {
    found[id] = await readFile(join(folder, `${id}_mask.png`), 'utf8');
  }
  expect(found).toEqual(expected);
});

test('removing what is not there is fine; a failed write does not stand in the way of the next', async () => {
  await removeMaskFile(folder, '7');
  await writeFile(join(folder, 'file'), '');
  await expect(writeMaskFile(join(folder, 'file'), '7', png('a'))).rejects.toThrow();
  await rm(join(folder, 'file'));
  await writeMaskFile(join(folder, 'file'), '7', png('a'));
  expect(await readdir(join(folder, 'file'))).toEqual(['7_mask.png']);
});

test('empty masks count as missing, half-written ones are tidied away, foreign files stay', async () => {
  await writeMaskFile(folder, '1', png('a'));
  await writeFile(join(folder, '2_mask.png'), '');
  await writeFile(join(folder, '3_mask.png.1234567'), 'half');
  await writeFile(join(folder, 'notes.txt'), 'x');
  expect([...(await listMaskFiles(folder))]).toEqual(['1']);
  expect((await readdir(folder)).sort()).toEqual(['1_mask.png', '2_mask.png', 'notes.txt']);
});
