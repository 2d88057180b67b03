import { execFile } from 'node:child_process';
import { readdir, rename } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import type { Level } from 'level';
import { Cache } from './cache.js';
import { folderIdOf } from './cache-folder.js';
import { type CacheParts, partsOf, readContents } from './cache-parts.js';
import { checkKeys, levelAt, levelFault } from './leveldb.js';
import { filesWithoutPixels } from './pixel-keys.js';

/** Written into every cache; a cache of another version is emptied and filled again from raw/. */
export const cacheFormat = 1;

export type CacheOpening =
  /** `rebuilt` says in a sentence what was done to it, if anything. */
  | { readonly state: 'opened'; readonly cache: Cache; readonly rebuilt: string | null }
  | { readonly state: 'held' }
  | { readonly state: 'failed'; readonly code: string; readonly message: string };

/** What opening a cache without changing it gives. */
export type CacheLook =
  | { readonly state: 'opened'; readonly cache: Cache }
  | { readonly state: 'none' | 'held' }
  | { readonly state: 'other-format'; readonly format: number }
  | { readonly state: 'damaged' | 'failed'; readonly message: string };

/**
 * Opens the cache, repairing or replacing one that is damaged: all of it can be made again from raw/.
 *
 * @param isSuspect whoever had it last did not close it: its keys are looked through, since on
 * flipped bits LevelDB would end the process sooner or later
 */
export async function openCache(folder: string, isSuspect = false): Promise<CacheOpening> {
  const opening = await openOnce(folder, isSuspect);
  if (opening.state !== 'damaged') return opening;
  const { message } = opening;

  const isRepaired = await repairCache(folder).then(
    () => true,
    () => false,
  );
  if (isRepaired) {
    const repaired = await openOnce(folder, true);
    if (repaired.state === 'opened') {
      const lost = await forgetFilesWithoutPixels(repaired.cache);
      const rebuilt = `The cache was damaged (${message}) and has been repaired; ${lost} files are read again from raw/.`;
      return { ...repaired, rebuilt };
    }
    if (repaired.state !== 'damaged') return repaired;
  }

  const aside = `${folder}.damaged-${Date.now()}`;
  try {
    await rename(folder, aside);
  } catch (error) {
    return unusable((error as Error).message);
  }
  const anew = await openOnce(folder, false);
  if (anew.state === 'damaged') return unusable(anew.message);
  const rebuilt = `The cache was damaged beyond repair (${message}); it lies in ${aside} and is filled again from raw/.`;
  return anew.state === 'opened' ? { ...anew, rebuilt } : anew;
}

/**
 * Opens a cache to be looked at: nothing is made, repaired or emptied. LevelDB takes its lock all
 * the same and tidies its own files.
 */
export async function openCacheToLook(folder: string): Promise<CacheLook> {
  const isThere = await readdir(folder).then(
    (names) => names.length > 0,
    () => false,
  );
  if (!isThere) return { state: 'none' };
  const db = levelAt(folder);
  try {
    await db.open({ createIfMissing: false });
    const parts = partsOf(db);
    const format = await parts.meta.get('format');
    if (format !== undefined && format !== cacheFormat) {
      await db.close();
      return { state: 'other-format', format };
    }
    await checkKeys(db);
    return { state: 'opened', cache: await readCache(folder, db, parts) };
  } catch (error) {
    await db.close().catch(() => {});
    const fault = levelFault(error as Error);
    if (fault.fault === 'held') return { state: 'held' };
    const { message } = fault;
    // Without its file CURRENT LevelDB would begin anew.
    const isDamaged = fault.fault === 'damage' || /does not exist/.test(message);
    return { state: isDamaged ? 'damaged' : 'failed', message };
  }
}

async function openOnce(
  folder: string,
  isSuspect: boolean,
): Promise<CacheOpening | { readonly state: 'damaged'; readonly message: string }> {
  const db = levelAt(folder);
  try {
    await db.open();
    const parts = partsOf(db);
    const rebuilt = await checkFormat(db, parts);
    if (isSuspect) await checkKeys(db);
    return { state: 'opened', cache: await readCache(folder, db, parts), rebuilt };
  } catch (error) {
    await db.close().catch(() => {});
    const fault = levelFault(error as Error);
    switch (fault.fault) {
      case 'held':
        return { state: 'held' };
      case 'damage':
        return { state: 'damaged', message: fault.message };
      case 'other':
        return unusable(fault.message);
    }
  }
}

/** With all of its records: some damage shows only on reading. */
async function readCache(
  folder: string,
  db: Level<string, Uint8Array>,
  parts: CacheParts,
): Promise<Cache> {
  return new Cache(db, parts, await folderIdOf(folder), await readContents(parts));
}

async function checkFormat(
  db: Level<string, Uint8Array>,
  { meta }: CacheParts,
): Promise<string | null> {
  const found = await meta.get('format');
  if (found === cacheFormat) return null;
  if (found !== undefined) await db.clear();
  await meta.put('format', cacheFormat);
  return found === undefined
    ? null
    : `The cache was of format ${found}, this version keeps format ${cacheFormat}; it is filled again from raw/.`;
}

/** Their size and time would say that there is nothing to do. Returns how many. */
async function forgetFilesWithoutPixels(cache: Cache): Promise<number> {
  const { files } = await cache.load();
  const present = new Set<string>();
  for await (const key of cache.pixelKeys()) present.add(key);
  const lost = filesWithoutPixels(files.values(), present);
  await cache.commit(lost.map((path) => ({ remove: 'file', path })));
  return lost.length;
}

function unusable(message: string): CacheOpening & { state: 'failed' } {
  return { state: 'failed', code: 'STORE_UNUSABLE', message };
}

const script = 'const [level, folder] = process.argv.slice(1); require(level).Level.repair(folder)';

/**
 * LevelDB's own repair, in a process of its own: on keys with flipped bits LevelDB gives up by
 * ending the process. Rejects when it did not succeed.
 */
async function repairCache(folder: string): Promise<void> {
  const level = createRequire(import.meta.url).resolve('level');
  await promisify(execFile)(process.execPath, ['-e', script, level, folder]);
}
