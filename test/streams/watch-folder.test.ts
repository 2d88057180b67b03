import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { mkdir, open, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { filter, firstValueFrom, ReplaySubject, type Subscription, timeout } from 'rxjs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { FolderSignal } from '../../src/streams/intake/path-changed.js';
import { watchFolder } from '../../src/streams/intake/watch-folder.js';
import { RawFolder } from '../support/raw-folder.js';

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

/** inotify watches of this process. */
function watchesHeld(): number {
  const infos = readdirSync('/proc/self/fdinfo').map((fd) => {
    try {
      return readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8');
    } catch {
      return '';
    }
  });
  return infos.join('').match(/^inotify wd:/gm)?.length ?? 0;
}

function nameOf(signal: FolderSignal): string {
  switch (signal.type) {
    case 'path-changed':
      return signal.change.path;
    case 'rescan-needed':
      return 'rescan-needed';
    case 'folder-gone':
      return `-${signal.folder}`;
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
  const inRaw = ['README.md', 'test/7.png', 'test/notes.txt', 'train/1_1.tif'];
  expect(seen.slice(0, -1).sort()).toEqual(inRaw);
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
  await until('test/2.png');
  await folder.rename('test/1.png', 'train/1_1.png');
  await until('train/1_1.png');
});

test('a file that is changed in place, without another size or name, is signalled', async () => {
  await folder.write('test/1.png', 'before');
  const { until } = watchIt();
  await until('scanned');
  const file = await open(join(folder.raw, 'test/1.png'), 'r+');
  await file.write('after!', 0);
  await file.close();
  await until('test/1.png');
});

test.runIf(process.platform === 'linux')(
  'watches are for folders alone, however many files there are',
  async () => {
    const before = watchesHeld();
    for (let n = 1; n <= 50; n++) await folder.write(`test/${n}.png`, 'x');
    const { until } = watchIt();
    await until('scanned');
    for (let n = 51; n <= 100; n++) await folder.write(`test/${n}.png`, 'x');
    await until('test/100.png');
    expect(watchesHeld() - before).toBe(3);
  },
);

test.runIf(process.platform === 'linux')(
  'so many events at once that some may have been lost make it rescanNeeded of all files',
  async () => {
    const { until } = watchIt();
    await until('scanned');
    // At once: nobody reads what the system has to tell meanwhile.
    for (let n = 1; n <= 1500; n++) writeFileSync(join(folder.raw, `test/${n}.png`), 'x');
    await until('rescan-needed');
  },
);

test('a folder that is made later, deleted and made again is watched', async () => {
  await folder.remove('test');
  const { until } = watchIt();
  await until('scanned');
  // Whatever it held when it was first seen: there may be more of it than was told.
  await folder.write('test/1.png', 'x');
  await until('rescan-needed');
  await folder.remove('test');
  await until('-test');
  await folder.write('test/2.png', 'x');
  await until('rescan-needed');
  await folder.write('test/3.png', 'x');
  await until('test/3.png');
});

test('a folder that takes the place of another at once is watched instead of it', async () => {
  await folder.write('later/2.png', 'x');
  const { until } = watchIt();
  await until('scanned');
  renameSync(join(folder.raw, 'test'), join(folder.home, 'away'));
  renameSync(join(folder.raw, 'later'), join(folder.raw, 'test'));
  await until('rescan-needed');
  await folder.write('test/3.png', 'x');
  await until('test/3.png');
});

test('a train/ that is a link to a folder elsewhere is watched', async () => {
  await folder.remove('train');
  await mkdir(join(folder.home, 'elsewhere'));
  await symlink(join(folder.home, 'elsewhere'), join(folder.raw, 'train'));
  const { until } = watchIt();
  await until('scanned');
  await writeFile(join(folder.home, 'elsewhere', '1_1.png'), 'x');
  await until('train/1_1.png');
});

test('raw/ itself that goes away and comes back is scanned and watched anew', async () => {
  await folder.write('test/1.png', 'x');
  const { until } = watchIt();
  await until('scanned');
  const away = join(folder.home, 'away');
  await rename(folder.raw, away);
  await until('-test');
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
  await until('rescan-needed');
});

test('a raw/ behind a link gives paths relative to the link', async () => {
  await folder.write('test/1.png', 'x');
  const link = join(folder.home, 'link');
  await symlink(folder.raw, link);
  const { seen, until } = watchIt(link);
  await until('scanned');
  expect(seen).toEqual(['test/1.png', 'scanned']);
});
