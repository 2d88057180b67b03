import { mkdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { lastValueFrom, NEVER, type Observable, of, Subject, takeUntil } from 'rxjs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { kaggleLayout } from '../../src/layout/kaggle.js';
import { type OpenStore, openStore } from '../../src/store/open-store.js';
import { pixelKey } from '../../src/store/pixel-keys.js';
import { storeFailure } from '../../src/store/store-failure.js';
import { toPixels } from '../../src/streams/images-to-cache.js';
import { AwaitedSizes } from '../../src/streams/intake/awaited-sizes.js';
import { eachFile } from '../../src/streams/intake/each-file.js';
import type { FileOutcome } from '../../src/streams/intake/file-in-hand.js';
import { IgnoredFiles } from '../../src/streams/intake/ignored-files.js';
import { InFlight } from '../../src/streams/intake/in-flight.js';
import { PixelThreads } from '../../src/streams/intake/pixel-threads.js';
import { SubjectGreys } from '../../src/streams/intake/subject-greys.js';
import { imageBytes, RawFolder } from '../support/raw-folder.js';

const size = { height: 16, width: 16 };
let folder: RawFolder;
let store: OpenStore;

beforeEach(async () => {
  folder = await RawFolder.make();
  store = await openStore(folder.store, 'test');
});
afterEach(async () => {
  vi.restoreAllMocks();
  await store.close();
  await folder.delete();
});

async function ingest(
  path: string,
  {
    attempt = 0,
    maxPixels = 1e6,
    preprocessing = 'p',
    fileSize = -1,
    overtaken$ = NEVER as Observable<unknown>,
  } = {},
): Promise<FileOutcome> {
  const {
    size: bytes,
    mtimeMs,
    ctimeMs,
  } = await folder.stat(path).catch(() => ({ size: 1, mtimeMs: 1, ctimeMs: 1 }));
  const stamp = { size: fileSize < 0 ? bytes : fileSize, mtimeMs, ctimeMs };
  const inFlight = new InFlight();
  const stages = toPixels({
    inFlight,
    raw: folder.raw,
    layout: kaggleLayout,
    store: { catalog: store.catalog, preprocessing, layout: kaggleLayout },
    threads: new PixelThreads(),
    imageSteps: [],
    reading: {},
    hashPatient: (patient) => patient,
    sizeOf: () => null,
    awaited: new AwaitedSizes(),
    greys: new SubjectGreys(kaggleLayout, 'auto', store.catalog.files, preprocessing),
    ignored: new IgnoredFiles(folder.raw, kaggleLayout),
    size,
    maxPixels,
  });
  const outcome$ = of({ type: 'present', path, stamp, attempt } as const).pipe(
    eachFile(stages, { concurrency: 1, paused$: NEVER, inFlight, layout: kaggleLayout }),
    takeUntil(overtaken$),
  );
  return await lastValueFrom(outcome$, { defaultValue: { type: 'gone', path } });
}

const shaOf = (outcome: FileOutcome) => (outcome.type === 'ready' ? outcome.record.sha256 : '');
const codeOf = (outcome: FileOutcome) =>
  outcome.type === 'failed' ? outcome.failure.code : outcome.type;

test('new bytes end up in the cache at the size of the network, with the size they had', async () => {
  await folder.image('test/1.tif', 1);
  const outcome = await ingest('test/1.tif');
  expect(outcome).toMatchObject({ type: 'ready', record: { height: 20, width: 24 } });
  const [record] = await store.catalog.cache.readPixels([pixelKey(shaOf(outcome), 'image', 'p')]);
  expect(record).toMatchObject({ originalHeight: 20, originalWidth: 24 });
  expect(record!.pixels).toHaveLength(256);
  expect(store.catalog.files.get('test/1.tif')).toMatchObject({ sha256: shaOf(outcome) });
});

test('a mask is cached as 0 and 1', async () => {
  await folder.mask('train/1_1_mask.tif', 1);
  const outcome = await ingest('train/1_1_mask.tif');
  const [record] = await store.catalog.cache.readPixels([pixelKey(shaOf(outcome), 'mask', 'p')]);
  expect(new Set(record!.pixels)).toEqual(new Set([0, 1]));
});

test('unchanged: nothing is read or written', async () => {
  await folder.image('test/1.tif', 1);
  const first = await ingest('test/1.tif');
  const commit = vi.spyOn(store.catalog.cache, 'commit');
  const read = vi.spyOn(store.catalog.cache, 'readPixels');
  expect(shaOf(await ingest('test/1.tif'))).toBe(shaOf(first));
  expect(commit).not.toHaveBeenCalled();
  expect(read).not.toHaveBeenCalled();
});

test('touched or renamed: hashed, the pixels stay as they are', async () => {
  await folder.image('test/1.tif', 1);
  const first = await ingest('test/1.tif');
  await folder.touch('test/1.tif');
  const commit = vi.spyOn(store.catalog.cache, 'commit');
  expect(shaOf(await ingest('test/1.tif'))).toBe(shaOf(first));
  await folder.rename('test/1.tif', 'test/2.tif');
  expect(shaOf(await ingest('test/2.tif'))).toBe(shaOf(first));
  expect(commit.mock.calls.flatMap(([writes]) => writes).map((w) => 'put' in w && w.put)).toEqual([
    'file',
    'file',
  ]);
});

test('two files of equal size and time that swapped names are told apart', async () => {
  await folder.image('test/1.tif', 1);
  await folder.image('test/2.tif', 2);
  await folder.touch('test/1.tif');
  await folder.touch('test/2.tif');
  const before = shaOf(await ingest('test/1.tif'));
  await folder.rename('test/2.tif', 'test/1.tif');
  const known = store.catalog.files.get('test/1.tif')!;
  await utimes(join(folder.raw, 'test/1.tif'), known.mtimeMs / 1000, known.mtimeMs / 1000);
  expect(shaOf(await ingest('test/1.tif'))).not.toBe(before);
});

test('changed bytes and changed settings are decoded anew', async () => {
  await folder.image('test/1.tif', 1);
  const first = await ingest('test/1.tif');
  await folder.image('test/1.tif', 2);
  const second = await ingest('test/1.tif');
  expect(shaOf(second)).not.toBe(shaOf(first));
  await ingest('test/1.tif', { preprocessing: 'q' });
  const key = pixelKey(shaOf(second), 'image', 'q');
  expect(await store.catalog.cache.hasPixels([key])).toEqual([true]);
});

test('a truncated file is waited for three times, then it is a failure', async () => {
  await folder.write('test/1.tif', imageBytes(1).subarray(0, 300));
  for (let attempt = 0; attempt < 3; attempt++) {
    expect(await ingest('test/1.tif', { attempt })).toMatchObject({
      type: 'incomplete',
      attempt: attempt + 1,
    });
  }
  expect(codeOf(await ingest('test/1.tif', { attempt: 3 }))).toBe('TRUNCATED');
});

test('what is no image, too large an image or too large a file fails for good', async () => {
  await folder.write('test/1.tif', 'hello');
  await folder.image('test/2.tif', 1);
  const outcomes = [
    await ingest('test/1.tif'),
    await ingest('test/2.tif', { maxPixels: 100 }),
    await ingest('test/2.tif', { fileSize: 2 ** 40 }),
  ];
  expect(outcomes.map(codeOf)).toEqual(['NOT_AN_IMAGE', 'TOO_MANY_PIXELS', 'FILE_TOO_LARGE']);
  for (const outcome of outcomes) expect(outcome).toHaveProperty('seen.size');
});

test('what cannot be read is looked at again although it has not changed', async () => {
  // A folder where a file was seen a moment ago: root may read everything else.
  await mkdir(join(folder.raw, 'test/1.tif'));
  const outcome = await ingest('test/1.tif');
  expect(outcome).toMatchObject({ type: 'failed', failure: { code: 'UNREADABLE' }, seen: null });
});

test('a file deleted between the look and the read is looked at again, not failed', async () => {
  expect(await ingest('test/1.tif')).toMatchObject({ type: 'incomplete', attempt: 1 });
});

test('once a newer look is under way nothing is written any more', async () => {
  await folder.image('test/1.tif', 1);
  const overtaken$ = new Subject<void>();
  const read = vi.spyOn(store.catalog.cache, 'readPixels').mockImplementation(async () => {
    overtaken$.next();
    return [undefined];
  });
  await ingest('test/1.tif', { overtaken$ });
  expect(read).toHaveBeenCalledOnce();
  expect(store.catalog.files.size).toBe(0);
});

test('a refusing store is said to be at fault, a full disk as such', async () => {
  await folder.image('test/1.tif', 1);
  vi.spyOn(store.catalog.cache, 'commit').mockRejectedValueOnce(
    new Error('IO error: /x/000004.log: No space left on device'),
  );
  expect(await ingest('test/1.tif')).toMatchObject({
    type: 'failed',
    stage: 'cache',
    failure: { code: 'DISK_FULL' },
    seen: null,
  });
  expect(storeFailure(new Error('read-only file system')).code).toBe('STORE_WRITE_FAILED');
});
