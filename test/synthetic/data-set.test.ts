import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodeImage, decodeMask } from '../../src/operators/decode.js';
import { sha256 } from '../../src/operators/fingerprint.js';
import { parseImageName } from '../../src/operators/image-name.js';
import { decodeRle } from '../../src/operators/rle.js';
import {
  type SyntheticDataSet,
  testTruthFile,
  writeSyntheticDataSet,
} from '../../src/synthetic/data-set.js';

const size = { height: 84, width: 116 };
const asked: SyntheticDataSet = {
  subjects: 3,
  perSubject: 4,
  test: 5,
  emptyShare: 0.25,
  size,
  seed: 7,
};
const limit = { maxPixels: 100_000 };

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'nerveflow-synthetic-'));
  expect(await writeSyntheticDataSet(join(home, 'one'), asked)).toEqual({ train: 12, test: 5 });
});
afterAll(() => rm(home, { recursive: true, force: true }));

async function filesOf(folder: string): Promise<Map<string, Buffer>> {
  const names = (await readdir(folder, { recursive: true }))
    .filter((name) => name.includes('.'))
    .sort();
  const contents = names.map(async (name) => [name, await readFile(join(folder, name))] as const);
  return new Map(await Promise.all(contents));
}

test("writes Kaggle's layout and nothing else, all of it readable", async () => {
  const files = await filesOf(join(home, 'one'));
  expect(files.delete(testTruthFile)).toBe(true);
  const kinds = new Map<string, number>();
  for (const [name, bytes] of files) {
    const { kind } = parseImageName(name);
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    expect(await decodeImage(bytes, limit)).toMatchObject({ ok: true, value: size });
    expect(await sharp(bytes).metadata()).toMatchObject({ format: 'tiff', channels: 1 });
  }
  expect(Object.fromEntries(kinds)).toEqual({
    'train-image': 12,
    'train-mask': 12,
    'test-image': 5,
  });
  const mask = await sharp(files.get('train/1_1_mask.tif')!).raw().toBuffer();
  expect([0, 255]).toEqual(expect.arrayContaining([...new Set(mask)]));
});

test('leaves the asked share of masks empty, in train and test', async () => {
  const files = await filesOf(join(home, 'one'));
  let empty = 0;
  for (const [name, bytes] of files) {
    if (!name.includes('_mask')) continue;
    const mask = await decodeMask(bytes, limit);
    if (mask.ok && !mask.value.data.includes(1)) empty++;
  }
  expect(empty).toBe(3);

  const lines = files.get(testTruthFile)!.toString().split('\n');
  expect(lines[0]).toBe('img,pixels');
  expect(lines.at(-1)).toBe('');
  const rows = lines.slice(1, -1).map((line) => line.split(','));
  expect(rows.map(([id]) => id)).toEqual(['1', '2', '3', '4', '5']);
  expect(rows.filter(([, pixels]) => pixels === '').length).toBe(1);
  for (const [, pixels] of rows) expect(decodeRle(pixels!, size).ok).toBe(true);
});

test('the same settings give the same bytes, another seed does not', async () => {
  const one = await filesOf(join(home, 'one'));
  await writeSyntheticDataSet(join(home, 'two'), asked);
  expect(await filesOf(join(home, 'two'))).toEqual(one);
  await writeSyntheticDataSet(join(home, 'three'), { ...asked, seed: 8 });
  const three = await filesOf(join(home, 'three'));
  expect(sha256(three.get('train/1_1.tif')!)).not.toBe(sha256(one.get('train/1_1.tif')!));
});

test('rejects where it cannot write', async () => {
  const blocked = join(home, 'blocked');
  await writeFile(blocked, 'a file, not a folder');
  await expect(writeSyntheticDataSet(blocked, asked)).rejects.toThrow();
});

test('nothing asked, nothing but the folders and an empty truth', async () => {
  const folder = join(home, 'none');
  const none = { ...asked, subjects: 0, test: 0 };
  expect(await writeSyntheticDataSet(folder, none)).toEqual({ train: 0, test: 0 });
  expect(await readFile(join(folder, testTruthFile), 'utf8')).toBe('img,pixels\n');
});
