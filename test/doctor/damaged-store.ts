import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { CacheWrite } from '../../src/store/cache-writes.js';
import type { OpenStore } from '../../src/store/open-store.js';
import { RawFolder } from '../support/raw-folder.js';
import { runOnce } from '../support/running-pipeline.js';
import { withStore } from '../support/store-in.js';

/** A store as the program leaves it: two subjects trained on, three images predicted. */
export async function wholeStore(): Promise<RawFolder> {
  const folder = await RawFolder.make();
  await folder.pairs(2, 4);
  for (const id of [1, 2, 3]) await folder.image(`test/${id}.tif`, id);
  await runOnce(folder);
  return folder;
}

/** Writes to the cache of a closed store what the program would not. */
export async function plant(
  folder: RawFolder,
  writesOf: (store: OpenStore) => CacheWrite[] | Promise<CacheWrite[]>,
): Promise<void> {
  await withStore(folder, async (store) => store.catalog.commit(await writesOf(store)));
}

/** Every file of the store but LevelDB's own, which it tidies whenever it is opened. */
export function filesOf(store: string): Map<string, string> {
  const files = new Map<string, string>();
  for (const name of readdirSync(store, { recursive: true }) as string[]) {
    const path = join(store, name);
    if (name.startsWith(join('cache', '/')) || !statSync(path).isFile()) continue;
    files.set(name, readFileSync(path, 'base64'));
  }
  return files;
}
