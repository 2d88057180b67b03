import { mkdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { filesBelow } from './files-below.js';

const maskName = /^(.+)_mask\.png$/;
/** What a process that died while writing has left. */
const unfinishedName = /_mask\.png\.\d+$/;
const statsAtOnce = 64;

/** The mask of test image `id`: 8-bit grey, 0 or 255, on the original's grid. Of an id `a/1` it lies in `a`. */
export function maskPath(folder: string, id: string): string {
  return join(folder, `${id}_mask.png`);
}

/** Whole or not at all; not forced to the disk, since `drawMasksFromRows` makes a lost one again. */
export async function writeMaskFile(folder: string, id: string, png: Uint8Array): Promise<void> {
  const path = maskPath(folder, id);
  const write = () => writeFileAtomic(path, Buffer.from(png), { fsync: false });
  await inOrder(path, () =>
    write().catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      // The first one there, or somebody has tidied up the store.
      await mkdir(dirname(path), { recursive: true });
      await write();
    }),
  );
}

export async function removeMaskFile(folder: string, id: string): Promise<void> {
  const path = maskPath(folder, id);
  await inOrder(path, () => rm(path, { force: true }));
}

/** Ids of the masks that are there and hold something; removes what was left half written. */
export async function listMaskFiles(folder: string): Promise<Set<string>> {
  const names = await namesIn(folder);
  for (const name of names) {
    if (isUnfinishedMask(name)) await rm(join(folder, name), { force: true });
  }
  return await idsThatHoldSomething(folder, names);
}

/** The same, removing nothing. */
export async function maskIdsIn(folder: string): Promise<Set<string>> {
  return await idsThatHoldSomething(folder, await namesIn(folder));
}

export function isUnfinishedMask(name: string): boolean {
  return unfinishedName.test(name);
}

async function namesIn(folder: string): Promise<string[]> {
  return (await filesBelow(folder)).map(({ name }) => name);
}

async function idsThatHoldSomething(
  folder: string,
  names: readonly string[],
): Promise<Set<string>> {
  const found = new Set<string>();
  for (let start = 0; start < names.length; start += statsAtOnce) {
    const some = names
      .slice(start, start + statsAtOnce)
      .flatMap((name) => maskName.exec(name)?.[1] ?? []);
    const stats = await Promise.all(
      some.map((id) => stat(maskPath(folder, id)).catch(() => undefined)),
    );
    // After a power cut a file may be there by name only.
    for (const [index, id] of some.entries()) if (stats[index]?.size) found.add(id);
  }
  return found;
}

/** Of each mask: the last thing asked of it. A removal never overtakes a write, nor the reverse. */
const lastAsked = new Map<string, Promise<void>>();

async function inOrder(path: string, task: () => Promise<void>): Promise<void> {
  const before = lastAsked.get(path);
  const own = (async () => {
    await before?.catch(() => {});
    await task();
  })();
  lastAsked.set(path, own);
  try {
    await own;
  } finally {
    if (lastAsked.get(path) === own) lastAsked.delete(path);
  }
}
