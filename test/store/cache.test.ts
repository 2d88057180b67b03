import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Level } from 'level';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Cache } from '../../src/store/cache.js';
import { cacheFormat, openCache } from '../../src/store/open-cache.js';
import { pixelKey } from '../../src/store/pixel-keys.js';
import type { FileRecord, PredictionRecord, SampleRecord } from '../../src/store/records.js';

let home: string;
let folder: string;
const open: Cache[] = [];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'nerveflow-cache-'));
  folder = join(home, 'cache');
});
afterEach(async () => {
  for (const cache of open.splice(0)) await cache.close();
  await rm(home, { recursive: true, force: true });
});

async function opened(isSuspect = false): Promise<{ cache: Cache; rebuilt: string | null }> {
  const opening = await openCache(folder, isSuspect);
  if (opening.state !== 'opened') throw new Error(JSON.stringify(opening));
  open.push(opening.cache);
  return opening;
}

function file(n: number): FileRecord {
  const stamp = { size: 1, mtimeMs: 0.5, ctimeMs: 0.25 };
  return {
    path: `test/${n}.tif`,
    ...stamp,
    sha256: `sha${n}`,
    height: 2,
    width: 3,
    preprocessing: 'p',
  };
}
const sample: SampleRecord = {
  id: '1',
  split: 'test',
  imageSha: 'sha1',
  maskSha: null,
  fingerprint: 'f',
  preprocessing: 'p',
};
const prediction: PredictionRecord = {
  id: '1',
  fingerprint: 'pf',
  imageSha: 'sha1',
  preprocessing: 'p',
  modelId: 'm',
  postprocessing: 't',
  height: 2,
  width: 3,
  rle: '1 2',
  pixels: 2,
};
const pixels = (value: number, length = 6) => ({
  originalHeight: 2,
  originalWidth: 3,
  pixels: new Uint8Array(length).fill(value),
});

/** A cache of many files, closed, so that it lies in more than LevelDB's log. */
async function fill(files: number): Promise<void> {
  const { cache } = await opened();
  for (let n = 0; n < files; n++) {
    const key = pixelKey(`sha${n}`, 'image', 'p');
    await cache.commit([
      { put: 'pixels', key, record: pixels(n % 256, 5000) },
      { put: 'file', record: file(n) },
    ]);
  }
  await cache.close();
}

test('what is committed is there after the next opening', async () => {
  const first = await opened();
  const key = pixelKey('sha1', 'image', 'p');
  await first.cache.commit([
    { put: 'file', record: file(1) },
    { put: 'pixels', key, record: pixels(7) },
    { put: 'sample', record: sample },
    { put: 'prediction', record: prediction },
    { put: 'training-set', runId: 'r', fingerprints: { '1_1': 'f' } },
  ]);
  await first.cache.close();

  const { cache, rebuilt } = await opened();
  expect(rebuilt).toBeNull();
  expect(await held(cache)).toEqual({
    files: [file(1)],
    samples: [sample],
    predictions: [prediction],
  });
  const [found, none] = await cache.readPixels([key, 'none']);
  expect({ ...found, pixels: Uint8Array.from(found!.pixels) }).toEqual(pixels(7));
  expect(none).toBeUndefined();
  expect(await cache.trainingSetOf('r')).toEqual({ '1_1': 'f' });
  await cache.commit([
    { remove: 'file', path: 'test/1.tif' },
    { remove: 'pixels', key },
    { remove: 'sample', key: 'test/1' },
    { remove: 'prediction', id: '1' },
    { remove: 'training-set', runId: 'r' },
  ]);
  expect(await held(cache)).toEqual({ files: [], samples: [], predictions: [] });
  expect(await cache.hasPixels([key])).toEqual([false]);
  expect(await cache.trainingRunIds()).toEqual([]);
});

/** All of it but pixels. */
async function held(cache: Cache) {
  const { files, samples, predictions } = await cache.load();
  return {
    files: [...files.values()],
    samples: [...samples.values()],
    predictions: await cache.readPredictions([...predictions.keys()]),
  };
}

test('a commit that cannot be made leaves nothing of itself', async () => {
  const { cache } = await opened();
  const cyclic: Record<string, unknown> = {};
  cyclic.self = cyclic;
  const broken = { ...file(2), sha256: cyclic as unknown as string };
  const writes = [file(1), broken].map((record) => ({ put: 'file', record }) as const);
  await expect(cache.commit(writes)).rejects.toThrow();
  expect((await held(cache)).files).toEqual([]);
});

test('a cache of another format is emptied, and says so', async () => {
  await fill(3);
  const db = new Level<string, Uint8Array>(folder);
  await db
    .sublevel<string, number>('meta', { valueEncoding: 'json' })
    .put('format', cacheFormat + 1);
  await db.close();
  const { cache, rebuilt } = await opened();
  expect(rebuilt).toContain(`format ${cacheFormat + 1}`);
  expect((await held(cache)).files).toEqual([]);
  await cache.close();
  expect((await opened()).rebuilt).toBeNull();
});

test('a cache that is open cannot be opened a second time', async () => {
  await opened();
  expect(await openCache(folder)).toEqual({ state: 'held' });
});

test('a path that cannot hold a cache is unusable, not damaged', async () => {
  await writeFile(folder, 'a file');
  expect(await openCache(folder)).toMatchObject({ state: 'failed', code: 'STORE_UNUSABLE' });
  expect(await readFile(folder, 'utf8')).toBe('a file');
});

test('all that reads waits while it is opened anew after a failed write, or goes on after it', async () => {
  await fill(0);
  const { cache } = await opened();
  const keys = Array.from({ length: 1200 }, (_, n) => pixelKey(`sha${n}`, 'image', 'p')).sort();
  await cache.commit([
    ...keys.map((key) => ({ put: 'pixels', key, record: pixels(1) }) as const),
    { put: 'training-set', runId: 'r', fingerprints: { '1_1': 'f' } },
  ]);
  const begun = cache.pixelKeys();
  const first = (await begun.next()).value;

  vi.spyOn(Level.prototype, 'batch').mockRejectedValueOnce(new Error('No space left'));
  const close = vi.spyOn(Level.prototype, 'close');
  const committed = cache.commit([{ put: 'file', record: file(1) }]);
  await vi.waitFor(() => expect(close).toHaveBeenCalled(), { interval: 0 });
  vi.restoreAllMocks();
  const reads = Promise.all([
    cache.hasPixels([keys[0]!, 'none']),
    cache.trainingSetOf('r'),
    cache.trainingRunIds(),
    allOf(cache.pixelKeys()),
    allOf(begun),
  ]);
  expect(await reads).toEqual([
    [true, false],
    { '1_1': 'f' },
    ['r'],
    keys,
    keys.filter((key) => key !== first),
  ]);
  await committed;
});

async function allOf(keys: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const key of keys) all.push(key);
  return all;
}

describe('damage', () => {
  const filesLike = async (pattern: RegExp) =>
    (await readdir(folder)).filter((name) => pattern.test(name)).map((name) => join(folder, name));

  /** Enough for tables beside the log, after a second opening. */
  beforeEach(async () => {
    await fill(40);
    await fill(0);
  });

  test.each<[string, () => Promise<void>]>([
    ['CURRENT is garbage', () => writeFile(join(folder, 'CURRENT'), 'garbage')],
    ['the manifest is gone', async () => rm((await filesLike(/MANIFEST/))[0]!)],
    [
      'the manifest is garbage',
      async () => writeFile((await filesLike(/MANIFEST/))[0]!, 'x'.repeat(50)),
    ],
  ])('%s: all is there after a repair', async (_, damage) => {
    await damage();
    const { cache, rebuilt } = await opened();
    expect(rebuilt).toMatch(/damaged.*repaired; 0 files/);
    expect((await held(cache)).files).toHaveLength(40);
  });

  test.each<[string, (table: string) => Promise<void>]>([
    ['is cut', (table) => truncate(table, 100)],
    ['is gone', (table) => rm(table)],
    [
      'has flipped bits',
      async (table) => {
        const bytes = await readFile(table);
        for (let at = 0; at < bytes.length; at += 700) bytes[at]! ^= 0x55;
        await writeFile(table, bytes);
      },
    ],
  ])('a table %s: what is left is whole, and every file without pixels is read again', async (_, damage) => {
    const [table] = await filesLike(/\.ldb$/);
    await damage(table!);
    const { cache, rebuilt } = await opened(true);
    expect(rebuilt).toContain('damaged');
    for (const { sha256 } of (await cache.load()).files.values()) {
      expect(await cache.hasPixels([pixelKey(sha256, 'image', 'p')])).toEqual([true]);
    }
    await cache.commit([{ put: 'file', record: file(99) }]);
    await cache.close();
    expect((await opened()).rebuilt).toBeNull();
  });

  test('values that cannot be read even after a repair: put aside, begun anew', async () => {
    const db = new Level<string, string>(folder);
    await db
      .sublevel<string, string>('samples', { valueEncoding: 'utf8' })
      .put('test/1', '{not json');
    await db.close();
    const { cache, rebuilt } = await opened();
    expect(rebuilt).toContain('beyond repair');
    expect((await held(cache)).files).toEqual([]);
    expect((await readdir(home)).filter((name) => name.startsWith('cache.damaged-'))).toHaveLength(
      1,
    );
  });
});

const disk = '/tmp/nerveflow-small-disk';
const canMount = (() => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  try {
    execFileSync('mkdir', ['-p', disk]);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', disk], { stdio: 'ignore' });
    execFileSync('umount', [disk], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

test.skipIf(!canMount)(
  'after a full disk it takes writes again as soon as there is room',
  async () => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', disk]);
    try {
      folder = join(disk, 'cache');
      await mkdir(folder);
      await writeFile(join(disk, 'filler'), new Uint8Array(14e6));
      const { cache } = await opened();
      const put = (n: number) =>
        cache.commit([
          { put: 'pixels', key: pixelKey(`sha${n}`, 'image', 'p'), record: pixels(1, 50_000) },
        ]);
      let written = 0;
      await expect(
        (async () => {
          for (; ; written++) await put(written);
        })(),
      ).rejects.toThrow();
      expect(written).toBeGreaterThan(10);
      await expect(put(written)).rejects.toThrow();
      // Reading goes on meanwhile.
      expect(await cache.hasPixels([pixelKey('sha0', 'image', 'p')])).toEqual([true]);
      await rm(join(disk, 'filler'));
      await put(written);
      const keys = Array.from({ length: written + 1 }, (_, n) => pixelKey(`sha${n}`, 'image', 'p'));
      expect(await cache.hasPixels(keys)).toEqual(keys.map(() => true));
      await cache.close();
    } finally {
      execFileSync('umount', ['-l', disk]);
    }
  },
);
