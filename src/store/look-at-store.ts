import { rmSync, writeFileSync } from 'node:fs';
import { Catalog } from './catalog.js';
import { openCacheToLook } from './open-cache.js';
import { holderOf, type OpenStore, StoreFailure } from './open-store.js';
import { storePaths } from './store-paths.js';

/**
 * Opens a store to look at what it holds: nothing is made, repaired or brought up to date. LevelDB lets
 * nobody else have it meanwhile.
 *
 * @throws StoreFailure when another process has it, there is none, or it must be repaired first.
 */
export async function lookAtStore(
  root: string,
  command: string,
): Promise<Omit<OpenStore, 'rebuilt'>> {
  const paths = storePaths(root);
  const look = await openCacheToLook(paths.cache);
  if (look.state !== 'opened') throw whyNot(look, root, holderOf(paths));
  const isHolder = writeHolder(paths.holder, command);
  const catalog = await Catalog.load(look.cache);
  return {
    paths,
    catalog,
    async close() {
      if (isHolder) rmSync(paths.holder, { force: true });
      await look.cache.close();
    },
  };
}

/** Tells who has it, but where somebody did not come to close it: that is for who repairs it. */
function writeHolder(holder: string, command: string): boolean {
  const content = { pid: process.pid, command, since: new Date().toISOString() };
  try {
    writeFileSync(holder, `${JSON.stringify(content)}\n`, { flag: 'wx' });
    return true;
  } catch {
    return false;
  }
}

type NoLook = Exclude<Awaited<ReturnType<typeof openCacheToLook>>, { state: 'opened' }>;

function whyNot(look: NoLook, root: string, holder: string | null): StoreFailure {
  switch (look.state) {
    case 'held':
      return new StoreFailure('STORE_HELD', `${root} is held by ${holder ?? 'another process'}`);
    case 'none':
      return unusable(`${root} holds no images yet; nerveflow watch fills it`);
    case 'other-format':
      return unusable(
        `${root} was written by another version; nerveflow ingest fills it again from raw/`,
      );
    case 'damaged':
    case 'failed':
      return unusable(
        `${root} cannot be looked at (${look.message}); nerveflow doctor --repair mends it`,
      );
  }
}

function unusable(message: string): StoreFailure {
  return new StoreFailure('STORE_UNUSABLE', message);
}
