import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { StorePaths } from './store-paths.js';

/** What a process that was killed while it replaced one of these files has left beside it. */
const unfinished = /^((submission|measurements)\.csv|(best|latest|rejected|tried)\.json)\.\d+$/;

export function isUnfinishedFile(name: string): boolean {
  return unfinished.test(name);
}

/** To be called while the store is held; masks and models are seen to by those who write them. */
export function removeUnfinishedFiles({ root, models }: StorePaths): void {
  for (const folder of [root, models]) {
    for (const name of readdirSync(folder)) {
      if (isUnfinishedFile(name)) rmSync(join(folder, name), { force: true });
    }
  }
}
