import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStore, StoreFailure } from '../../src/store/open-store.js';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'nerveflow-store-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const failureOf = async (work: Promise<unknown>): Promise<StoreFailure> => {
  const error = await work.then(
    () => null,
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(StoreFailure);
  return error as StoreFailure;
};

test('a store is made where there is none, and can be closed twice', async () => {
  const store = await openStore(join(home, 'deep', 'store'), 'watch');
  expect(existsSync(store.paths.masks)).toBe(true);
  expect(store.rebuilt).toBeNull();
  await store.close();
  await store.close();
  expect(existsSync(store.paths.holder)).toBe(false);
});

test('a held store names the process that holds it', async () => {
  const store = await openStore(join(home, 'store'), 'watch');
  const failure = await failureOf(openStore(join(home, 'store'), 'train'));
  expect(failure.code).toBe('STORE_HELD');
  expect(failure.message).toContain(`process ${process.pid} (nerveflow watch`);
  await writeFile(store.paths.holder, 'garbage');
  expect((await failureOf(openStore(join(home, 'store'), 'train'))).message).toContain(
    'another process',
  );
  await store.close();
});

test('a folder that cannot be a store is one clear line', async () => {
  await writeFile(join(home, 'file'), 'x');
  const failure = await failureOf(openStore(join(home, 'file'), 'watch'));
  expect(failure.code).toBe('STORE_UNUSABLE');
  expect(failure.message).toContain('cannot be used');
  expect(failure.message).not.toContain('\n');
});

test('after a restart of the machine masks are in doubt, until they are drawn again', async () => {
  const root = join(home, 'store');
  const { paths, catalog, close } = await openStore(root, 'watch');
  expect(catalog.areMasksInDoubt).toBe(false);
  await close();
  const left = { pid: 1, command: 'watch', since: '2001-01-01T00:00:00.000Z' };
  await writeFile(paths.holder, JSON.stringify(left));
  const first = await openStore(root, 'ingest');
  expect(first.catalog.areMasksInDoubt).toBe(true);
  await first.close();
  const second = await openStore(root, 'watch');
  expect(second.catalog.areMasksInDoubt).toBe(true);
  second.catalog.masksRestored();
  await second.close();
  const third = await openStore(root, 'watch');
  expect(third.catalog.areMasksInDoubt).toBe(false);
  await third.close();
});

test('what a killed process has left half written goes with the next start', async () => {
  const root = join(home, 'store');
  const { paths, close } = await openStore(root, 'watch');
  await close();
  await writeFile(paths.holder, '{}');
  const left = [`${paths.submission}.123`, join(paths.models, 'best.json.45')];
  const kept = [paths.submission, join(paths.models, 'best.json'), `${paths.submission}.mine`];
  for (const path of [...left, ...kept]) await writeFile(path, 'x');
  await (await openStore(root, 'watch')).close();
  expect(left.filter((path) => existsSync(path))).toEqual([]);
  expect(kept.filter((path) => existsSync(path))).toEqual(kept);
});
