import { lastValueFrom, toArray } from 'rxjs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { FileStamp } from '../../src/store/records.js';
import { reconcile } from '../../src/streams/intake/reconcile.js';
import { scanFolder } from '../../src/streams/intake/scan-folder.js';
import { RawFolder } from '../support/raw-folder.js';

let folder: RawFolder;
const known = new Map<string, FileStamp>();

beforeEach(async () => {
  folder = await RawFolder.make();
  known.clear();
});
afterEach(() => folder.delete());

async function remember(path: string): Promise<void> {
  const { size, mtimeMs, ctimeMs } = await folder.stat(path);
  known.set(path, { size, mtimeMs, ctimeMs });
}

async function differing(): Promise<string[]> {
  const seen = {
    count: () => known.size,
    paths: () => known.keys(),
    has: (path: string) => known.has(path),
    stamp: (path: string) => known.get(path),
  };
  const signals = await lastValueFrom(reconcile(folder.raw, seen).pipe(toArray()));
  return signals
    .flatMap((signal) => (signal.type === 'path-changed' ? signal.change.path : []))
    .sort();
}

test('nothing where all is as last seen; foreign names do not count', async () => {
  await folder.image('test/1.tif', 1);
  await folder.write('test/notes.txt', 'x');
  await remember('test/1.tif');
  expect(await differing()).toEqual([]);
});

test('what is new, what changed and what is gone', async () => {
  for (const path of ['test/1.tif', 'test/2.tif', 'train/1_1.tif']) {
    await folder.image(path, 1);
    await remember(path);
  }
  await folder.image('test/1.tif', 2);
  await folder.remove('test/2.tif');
  await folder.image('train/2_1.tif', 3);
  expect(await differing()).toEqual(['test/1.tif', 'test/2.tif', 'train/2_1.tif']);
});

test('two files of one size and time that swap their names have both changed', async () => {
  await folder.image('test/1.tif', 1);
  await folder.image('test/2.tif', 2);
  await folder.touch('test/1.tif');
  await remember('test/1.tif');
  await remember('test/2.tif');
  await folder.rename('test/1.tif', 'test/x.tif');
  await folder.rename('test/2.tif', 'test/1.tif');
  await folder.rename('test/x.tif', 'test/2.tif');
  expect(await differing()).toEqual(['test/1.tif', 'test/2.tif']);
});

test('files of a folder that is out of reach are not said to be gone', async () => {
  await folder.image('test/1.tif', 1);
  await folder.image('train/1_1.tif', 1);
  await remember('test/1.tif');
  await remember('train/1_1.tif');
  await folder.remove('test');
  await folder.remove('train/1_1.tif');
  expect(await differing()).toEqual(['train/1_1.tif']);
});

test('a scan tells of every entry of both folders, then says so; a missing folder is no trouble', async () => {
  await folder.image('train/1_1.tif', 1);
  await folder.write('train/notes.txt', 'x');
  await folder.remove('test');
  const signals = await lastValueFrom(scanFolder(folder.raw).pipe(toArray()));
  const named = signals.map((signal) =>
    signal.type === 'path-changed' ? signal.change.path : signal.type,
  );
  expect(named.slice(0, -1).sort()).toEqual(['train/1_1.tif', 'train/notes.txt']);
  expect(named.at(-1)).toBe('scanned');
});
