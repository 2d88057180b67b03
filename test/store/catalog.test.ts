import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Cache } from '../../src/store/cache.js';
import type { CacheWrite } from '../../src/store/cache-writes.js';
import { Catalog } from '../../src/store/catalog.js';
import { openCache } from '../../src/store/open-cache.js';
import type { FileRecord } from '../../src/store/records.js';

let home: string;
let cache: Cache;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'nerveflow-catalog-'));
  const opening = await openCache(join(home, 'cache'));
  if (opening.state !== 'opened') throw new Error(opening.state);
  cache = opening.cache;
});
afterEach(async () => {
  await cache.close();
  await rm(home, { recursive: true, force: true });
});

function put(path: string, sha256: string): CacheWrite {
  const record: FileRecord = {
    path,
    size: 1,
    mtimeMs: 1,
    ctimeMs: 1,
    sha256,
    height: 1,
    width: 1,
    preprocessing: 'p',
  };
  return { put: 'file', record };
}
const remove = (path: string): CacheWrite => ({ remove: 'file', path });

test('a map changes when its write has been committed, not before', async () => {
  const catalog = await Catalog.load(cache);
  const committed = catalog.commit([put('test/1.tif', 'a')]);
  expect(catalog.files.size).toBe(0);
  await committed;
  expect(catalog.files.get('test/1.tif')!.sha256).toBe('a');
});

test('commits that come while one is written share the next batch', async () => {
  const catalog = await Catalog.load(cache);
  const commit = vi.spyOn(cache, 'commit');
  await Promise.all(
    Array.from({ length: 50 }, (_, n) => catalog.commit([put(`test/${n}.tif`, 'a')])),
  );
  expect(commit.mock.calls.map(([writes]) => writes.length)).toEqual([1, 49]);
});

test('when a batch fails all who share it are told, nothing of it shows, and the next goes on', async () => {
  const catalog = await Catalog.load(cache);
  const failing = vi.spyOn(cache, 'commit').mockRejectedValueOnce(new Error('full'));
  const first = catalog.commit([put('test/1.tif', 'a')]);
  const second = catalog.commit([put('test/2.tif', 'b')]);
  await expect(first).rejects.toThrow('full');
  await second;
  failing.mockRestore();
  expect([...catalog.files.keys()]).toEqual(['test/2.tif']);
});

test('overlapping commits end up in memory and on disk in the order in which they came', async () => {
  const step = fc.record({
    path: fc.constantFrom('test/1.tif', 'test/2.tif', 'test/3.tif'),
    sha: fc.option(fc.integer({ min: 0, max: 9 })),
    waits: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const catalog = await Catalog.load(cache);
      await catalog.commit([...catalog.files.keys()].map(remove));
      const expected = new Map<string, string>();
      const all: Promise<void>[] = [];
      for (const { path, sha, waits } of steps) {
        all.push(catalog.commit([sha === null ? remove(path) : put(path, `${sha}`)]));
        if (sha === null) expected.delete(path);
        else expected.set(path, `${sha}`);
        if (waits) await new Promise(setImmediate);
      }
      await Promise.all(all);
      const held = ({ path, sha256 }: FileRecord) => [path, sha256] as const;
      expect(new Map([...catalog.files.values()].map(held))).toEqual(expected);
      expect(new Map([...(await cache.load()).files.values()].map(held))).toEqual(expected);
    }),
    { numRuns: 40 },
  );
});

test('a catalog loaded again holds the same, samples by split', async () => {
  const first = await Catalog.load(cache);
  const sample = { imageSha: 'a', maskSha: null, fingerprint: 'f', preprocessing: 'p' };
  await first.commit([
    { put: 'sample', record: { ...sample, id: '1', split: 'test' } },
    { put: 'sample', record: { ...sample, id: '1_1', split: 'train' } },
  ]);
  const again = await Catalog.load(cache);
  expect([...again.samplesOf('test')].map(({ id }) => id)).toEqual(['1']);
  expect([...again.samplesOf('train')].map(({ id }) => id)).toEqual(['1_1']);
});
