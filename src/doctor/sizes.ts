import { bytesUnder } from '../store/bytes-under.js';
import type { StorePaths } from '../store/store-paths.js';

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
