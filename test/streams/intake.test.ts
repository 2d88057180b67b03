import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { BehaviorSubject, Subject, type Subscription } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { sha256 } from '../../src/operators/fingerprint.js';
import { type OpenStore, openStore } from '../../src/store/open-store.js';
import { type ImagesToCache, imagesToCache } from '../../src/streams/images-to-cache.js';
import { type FolderSignal, pathChanged } from '../../src/streams/intake/path-changed.js';
import { takeInOnce } from '../../src/streams/intake/take-in-once.js';
import { imageBytes, RawFolder } from '../support/raw-folder.js';
import { Recorder } from '../support/recorder.js';
import { testSettings } from '../support/test-settings.js';

let folder: RawFolder;
let store: OpenStore;
let intake: ImagesToCache;
let paused$: BehaviorSubject<boolean>;
let recorder: Recorder;
let signals: Subject<FolderSignal>;
let running: Subscription;

beforeEach(async () => {
  folder = await RawFolder.make();
  store = await openStore(folder.store, 'test');
  begin();
});
afterEach(async () => {
  vi.restoreAllMocks();
  running.unsubscribe();
  await store.close();
  await folder.delete();
});

/** An intake whose changed paths are given by hand. */
function begin(
  reconcileEveryMs = 0,
  patienceMs = 60_000,
  settle = testSettings(folder).settle,
): void {
  running?.unsubscribe();
  signals = new Subject();
  paused$ = new BehaviorSubject(false);
  intake = imagesToCache({
    settings: { ...testSettings(folder), settle },
    catalog: store.catalog,
    paths: store.paths,
    signals$: signals,
    paused$,
    reconcileEveryMs,
    patienceMs,
  });
  recorder = new Recorder(intake.events$);
  running = intake.run().subscribe();
}

const change = (...paths: string[]) => {
  for (const path of paths) signals.next(pathChanged(path));
};
const scanned = () => signals.next({ type: 'scanned' });
const quiet = () => vi.waitFor(() => expect(intake.busy$.value).toBe(false), 5000);

test('busy until the first scan is through, also when it finds nothing', async () => {
  expect(intake.busy$.value).toBe(true);
  scanned();
  await quiet();
});

test('busy from a changed path until its sample is in the catalog', async () => {
  scanned();
  await quiet();
  await folder.image('test/1.tif', 1);
  change('test/1.tif');
  expect(intake.busy$.value).toBe(true);
  await quiet();
  expect(store.catalog.samples.has('test/1')).toBe(true);
});

test('many changes of one path are one look', async () => {
  await folder.image('test/1.tif', 1);
  const commit = vi.spyOn(store.catalog.cache, 'commit');
  for (let n = 0; n < 100; n++) change('test/1.tif');
  scanned();
  await quiet();
  expect(recorder.of('item.ingested')).toHaveLength(1);
  expect(commit).toHaveBeenCalledTimes(2);
});

test('a change that is overtaken while it is read leaves no trace', async () => {
  scanned();
  await folder.image('test/1.tif', 1);
  const read = store.catalog.cache.readPixels.bind(store.catalog.cache);
  let overtaken = false;
  vi.spyOn(store.catalog.cache, 'readPixels').mockImplementation(async (keys) => {
    if (!overtaken) {
      overtaken = true;
      await folder.image('test/1.tif', 2);
      change('test/1.tif');
      await recorder.next('item.ingested');
    }
    return await read(keys);
  });
  change('test/1.tif');
  await quiet();
  expect(overtaken).toBe(true);
  expect(recorder.lines('item.ingested')).toEqual(['item.ingested 1 new']);
  const newest = sha256(imageBytes(2));
  expect(store.catalog.files.get('test/1.tif')!.sha256).toBe(newest);
  expect(store.catalog.samples.get('test/1')!.imageSha).toBe(newest);
});

test('what the catalog knows and a scan does not meet is looked for', async () => {
  await folder.image('test/1.tif', 1);
  await folder.image('test/2.tif', 2);
  change('test/1.tif', 'test/2.tif');
  scanned();
  await quiet();
  await folder.remove('test/2.tif');
  begin();
  change('test/1.tif');
  scanned();
  await quiet();
  expect(recorder.lines('item.ingested', 'item.removed').sort()).toEqual([
    'item.ingested 1 cached',
    'item.removed 2',
  ]);
});

test('a failure is told once, again when it is another one, and when a person retries', async () => {
  scanned();
  await folder.write('test/1.tif', 'no image');
  for (let n = 0; n < 3; n++) {
    change('test/1.tif');
    await quiet();
  }
  expect(recorder.lines('item.failed')).toEqual(['item.failed test/1.tif NOT_AN_IMAGE']);
  intake.retryFailed();
  await quiet();
  expect(recorder.of('item.failed')).toHaveLength(2);
  await folder.write('test/1.tif', '');
  change('test/1.tif');
  await quiet();
  expect(recorder.lines('item.failed').at(-1)).toBe('item.failed test/1.tif EMPTY_FILE');
  await folder.image('test/1.tif', 1);
  change('test/1.tif');
  await quiet();
  expect(recorder.lines('item.ingested')).toEqual(['item.ingested 1 new']);
});

describe('a file that never stops changing', () => {
  /** Of virtual time; in real time no file of this test is as old. */
  const settleMs = 60_000;
  const patienceMs = 100 * settleMs;
  let size = 0;
  afterEach(() => vi.useRealTimers());

  /** Each look at a file comes after a step of time, and each step after another write: none sees it at rest. */
  async function passTime({ isWriting }: { isWriting: boolean }): Promise<void> {
    if (isWriting) {
      const bytes = imageBytes(1).subarray(0, 100 + (size++ % 300));
      writeFileSync(join(folder.raw, 'test/1.tif'), bytes);
      change('test/1.tif');
    }
    vi.advanceTimersByTime(settleMs);
    // Looks that are on their way arrive.
    await folder.stat('test');
    await setImmediate();
  }

  async function passTimeUntil(isSo: () => boolean, isWriting = true): Promise<void> {
    while (!isSo()) await passTime({ isWriting });
  }

  test('is told once, holds up nobody, and is taken in when it stops', async () => {
    await folder.image('test/1.tif', 1);
    await folder.image('test/2.tif', 2);
    change('test/1.tif', 'test/2.tif');
    scanned();
    await quiet();
    vi.useFakeTimers({ toFake: ['performance', 'setInterval', 'clearInterval'] });
    begin(0, patienceMs, settleMs);
    const began = performance.now();
    change('test/1.tif', 'test/2.tif');
    scanned();
    await passTimeUntil(() => recorder.of('item.failed').length > 0);
    expect(performance.now() - began).toBeGreaterThanOrEqual(patienceMs);
    await passTimeUntil(() => !intake.busy$.value);
    // What it was is kept meanwhile.
    expect(store.catalog.samples.has('test/1')).toBe(true);
    await folder.image('test/3.tif', 3);
    change('test/3.tif');
    const isIngested = (image: string) => () =>
      recorder.of('item.ingested').some(({ id, reason }) => `${id} ${reason}` === image);
    await passTimeUntil(isIngested('3 new'));
    await passTimeUntil(() => !intake.busy$.value);
    await folder.image('test/1.tif', 9);
    change('test/1.tif');
    await passTimeUntil(isIngested('1 changed'), false);
    expect(recorder.lines('item.failed')).toEqual(['item.failed test/1.tif KEEPS_CHANGING']);
    expect(recorder.of('item.removed')).toEqual([]);
  });
});

test('paused, what is in hand is finished, the rest waits', async () => {
  scanned();
  await quiet();
  paused$.next(true);
  await folder.image('test/1.tif', 1);
  change('test/1.tif');
  await vi.waitFor(() => expect(intake.loads.ingest.queued).toBe(1));
  await intake.emptied();
  expect(intake.loads.ingest.queued).toBe(1);
  paused$.next(false);
  await quiet();
  expect(recorder.of('item.ingested')).toHaveLength(1);
});

test('stopped, taking in ends although paths wait', async () => {
  await folder.image('test/1.tif', 1);
  const from = { ...store, settings: testSettings(folder) };
  expect(await takeInOnce(from, () => {}, AbortSignal.abort())).toBe('interrupted');
  expect(store.catalog.samples.size).toBe(0);
  expect(await takeInOnce(from, () => {})).toBe('done');
  expect(store.catalog.samples.size).toBe(1);
});

test('samples that lost their files are removed later when the store refuses it at first', async () => {
  await folder.image('test/1.tif', 1);
  change('test/1.tif');
  scanned();
  await quiet();
  // As after a crash between two writes: a sample without any file.
  await store.catalog.commit([{ remove: 'file', path: 'test/1.tif' }]);
  await folder.remove('test/1.tif');
  begin(50);
  const commit = vi.spyOn(store.catalog.cache, 'commit').mockRejectedValue(new Error('full'));
  scanned();
  await recorder.next('notice');
  expect(store.catalog.samples.size).toBe(1);
  commit.mockRestore();
  expect(await recorder.next('item.removed')).toMatchObject({ id: '1' });
  await quiet();
});

test('a folder that is out of reach is told once, its samples stay', async () => {
  await folder.image('test/1.tif', 1);
  await folder.image('test/2.tif', 2);
  change('test/1.tif', 'test/2.tif');
  scanned();
  await quiet();
  await folder.remove('test');
  change('test/1.tif', 'test/2.tif');
  await quiet();
  expect(recorder.lines('notice', 'item.removed')).toEqual(['notice FOLDER_MISSING']);
  expect(store.catalog.samples.size).toBe(2);
});
