import { rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { filter, firstValueFrom, ReplaySubject, type Subscription, timeout } from 'rxjs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { FolderSignal } from '../../src/streams/path-hint.js';
import { watchFolder } from '../../src/streams/watch-folder.js';
import { RawFolder } from './raw-folder.js';

let folder: RawFolder;
let watching: Subscription;

beforeEach(async () => {
  folder = await RawFolder.make();
});

afterEach(async () => {
  watching.unsubscribe();
  await folder.delete();
});

function watchIt(raw = folder.raw, poll = false) {
  const signals$ = new ReplaySubject<FolderSignal>();
  const seen: string[] = [];
  signals$.subscribe((signal) => seen.push(nameOf(signal)));
  watching = watchFolder(raw, { poll }).subscribe(signals$);
  let from = 0;
  /** Waits for a signal that comes after those waited for before. */
  const until = async (name: string) => {
    await firstValueFrom(
      signals$.pipe(
        filter((signal, index) => index >= from && nameOf(signal) === name),
        timeout(8000),
      ),
    );
    from = seen.length;
  };
  return { seen, until };
}

function nameOf(signal: FolderSignal): string {
  switch (signal.type) {
    case 'hint':
      return signal.hint.path;
    case 'unlinked':
      return `-${signal.path}`;
    case 'scanned':
      return 'scanned';
    case 'trouble':
      return signal.code;
  }
}

test('all that is there is hinted at before `scanned`, and nothing of other folders', async () => {
  await folder.write('train/1_1.tif', 'x');
  await folder.write('test/7.png', 'x');
  await folder.write('test/notes.txt', 'x');
  await folder.write('test/deep/8.png', 'x');
  await folder.write('other/9.png', 'x');
  await folder.write('README.md', 'x');
  const { seen, until } = watchIt();
  await until('scanned');
  expect(seen.slice(0, -1).sort()).toEqual(
    ['README.md', 'test/7.png', 'test/notes.txt', 'train/1_1.tif'].sort(),
  );
});

test('a new, a changed and a deleted file are each signalled', async () => {
  await folder.write('test/1.png', 'x');
  const { until } = watchIt();
  await until('scanned');
  await folder.write('test/2.png', 'x');
  await until('test/2.png');
  await folder.write('test/1.png', 'longer');
  await until('test/1.png');
  await folder.remove('test/2.png');
  await until('-test/2.png');
});

test('a folder that is made later, deleted and made again is watched', async () => {
  await folder.remove('test');
  const { until } = watchIt();
  await until('scanned');
  await folder.write('test/1.png', 'x');
  await until('test/1.png');
  await folder.remove('test');
  await until('-test/1.png');
  await folder.write('test/2.png', 'x');
  await until('test/2.png');
});

test('raw/ itself that goes away and comes back is scanned and watched anew', async () => {
  await folder.write('test/1.png', 'x');
  const { until } = watchIt();
  await until('scanned');
  const away = join(folder.home, 'away');
  await rename(folder.raw, away);
  await until('-test/1.png');
  // Seen to be away: the next look finds another folder of the name.
  await folder.write('test/2.png', 'x');
  await until('scanned');
  await folder.write('test/3.png', 'x');
  await until('test/3.png');
});

test('raw/ that is not there yet is watched when it comes', async () => {
  await rm(folder.raw, { recursive: true });
  const { until } = watchIt();
  await until('scanned');
  await folder.write('test/1.png', 'x');
  await until('test/1.png');
  await until('scanned');
  await folder.write('test/2.png', 'x');
  await until('test/2.png');
});

test('polling sees the same', async () => {
  await folder.write('test/1.png', 'x');
  const { seen, until } = watchIt(folder.raw, true);
  await until('scanned');
  expect(seen).toEqual(['test/1.png', 'scanned']);
  await folder.write('test/2.png', 'x');
  await until('test/2.png');
});

test('a raw/ behind a link gives paths relative to the link', async () => {
  await folder.write('test/1.png', 'x');
  const link = join(folder.home, 'link');
  await symlink(folder.raw, link);
  const { seen, until } = watchIt(link);
  await until('scanned');
  expect(seen).toEqual(['test/1.png', 'scanned']);
});
