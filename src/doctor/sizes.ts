import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { StorePaths } from '../store/store-paths.js';

const statsAtOnce = 64;

/** Bytes on the disk, file sizes added up. */
export interface StoreSizes {
  readonly cache: number;
  readonly models: number;
  readonly masks: number;
  readonly evaluations: number;
  readonly submission: number;
  /** All of the store, what is named above included. */
  readonly total: number;
}

export async function sizesOf(paths: StorePaths): Promise<StoreSizes> {
  return {
    cache: await bytesUnder(paths.cache),
    models: await bytesUnder(paths.models),
    masks: await bytesUnder(paths.masks),
    evaluations: await bytesUnder(paths.evaluations),
    submission: await bytesUnder(paths.submission),
    total: await bytesUnder(paths.root),
  };
}

async function bytesUnder(path: string): Promise<number> {
  const stats = await stat(path).catch(() => null);
  if (stats === null) return 0;
  if (!stats.isDirectory()) return stats.isFile() ? stats.size : 0;
  const names = await readdir(path).catch(() => []);
  let bytes = 0;
  for (let start = 0; start < names.length; start += statsAtOnce) {
    const some = names.slice(start, start + statsAtOnce);
    const sizes = await Promise.all(some.map((name) => bytesUnder(join(path, name))));
    for (const size of sizes) bytes += size;
  }
  return bytes;
}
