import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { uptime } from 'node:os';
import { z } from 'zod';
import { Catalog } from './catalog.js';
import { openCache } from './open-cache.js';
import { makeStoreFolders, type StorePaths, storePaths } from './store-paths.js';
import { removeUnfinishedFiles } from './unfinished-files.js';

export interface OpenStore {
  readonly paths: StorePaths;
  readonly catalog: Catalog;
  /** One sentence when the cache had to be repaired or made anew. */
  readonly rebuilt: string | null;
  /** Safe to call twice. */
  close(): Promise<void>;
}

/** The store cannot be used; `HELD` means another process has it. */
export class StoreFailure extends Error {
  constructor(
    readonly code: 'STORE_HELD' | 'STORE_UNUSABLE',
    message: string,
  ) {
    super(message);
    this.name = 'StoreFailure';
  }
}

const holderSchema = z.object({
  pid: z.number(),
  command: z.string(),
  since: z.string(),
  /** Not all that a power cut may have taken back has been made good. */
  hasLostPower: z.boolean().default(false),
});

/**
 * Opens a store for this process alone, making it where there is none.
 * @throws StoreFailure naming the process that holds it, or what is wrong with the folder.
 */
export async function openStore(root: string, command: string): Promise<OpenStore> {
  const paths = storePaths(root);
  try {
    makeStoreFolders(paths);
  } catch (error) {
    throw unusable(root, (error as Error).message);
  }
  // Left behind by a process that did not come to close it.
  const isSuspect = existsSync(paths.holder);
  const hasLostPower = isSuspect && lostPower(paths);
  const opening = await openCache(paths.cache, isSuspect);
  switch (opening.state) {
    case 'held':
      throw new StoreFailure(
        'STORE_HELD',
        `${root} is held by ${holderOf(paths) ?? 'another process'}`,
      );
    case 'failed':
      throw unusable(root, opening.message);
    case 'opened':
      break;
  }
  const { cache, rebuilt } = opening;
  writeHolder(paths, command, hasLostPower);
  if (isSuspect) removeUnfinished(paths);
  const catalog = await Catalog.load(cache, hasLostPower);
  return {
    paths,
    catalog,
    rebuilt,
    async close() {
      // Without it the next process would know nothing of the power cut.
      if (!catalog.areMasksInDoubt) rmSync(paths.holder, { force: true });
      await cache.close();
    },
  };
}

/** What the system says of a folder that cannot be written may be anything but that. */
function unusable(root: string, message: string): StoreFailure {
  return new StoreFailure(
    'STORE_UNUSABLE',
    `${root} cannot be used: ${whyNotWritable(root) ?? message}`,
  );
}

function whyNotWritable(folder: string): string | null {
  if (!existsSync(folder)) return null;
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return null;
  } catch (error) {
    switch ((error as NodeJS.ErrnoException).code) {
      case 'EROFS':
        return 'it lies on a file system that is mounted read-only; mount it for writing or take another --store';
      case 'EACCES':
      case 'EPERM':
        return 'this user may not write there; change its rights or take another --store';
      default:
        return null;
    }
  }
}

function removeUnfinished(paths: StorePaths): void {
  try {
    removeUnfinishedFiles(paths);
  } catch {
    // They only take up room.
  }
}

function writeHolder({ holder }: StorePaths, command: string, hasLostPower: boolean): void {
  const since = new Date().toISOString();
  const content = { pid: process.pid, command, since, ...(hasLostPower && { hasLostPower }) };
  try {
    writeFileSync(holder, `${JSON.stringify(content)}\n`);
    const file = openSync(holder, 'r+');
    fsyncSync(file);
    closeSync(file);
  } catch {
    // For people and for after a power cut; LevelDB's own lock is what keeps others out.
  }
}

/** Whether the machine was started anew since the store was left, or that has not been made good. */
function lostPower(paths: StorePaths): boolean {
  const before = readHolder(paths);
  if (before === null) return true;
  const startedAt = Date.now() - 1000 * uptime();
  return before.hasLostPower || Date.parse(before.since) < startedAt;
}

/** Who holds the store, or did not come to close it; null where nobody wrote that down. */
export function holderOf(paths: StorePaths): string | null {
  const holder = readHolder(paths);
  return holder && `process ${holder.pid} (nerveflow ${holder.command}, since ${holder.since})`;
}

function readHolder({ holder }: StorePaths): z.infer<typeof holderSchema> | null {
  try {
    return holderSchema.parse(JSON.parse(readFileSync(holder, 'utf8')));
  } catch {
    return null;
  }
}
