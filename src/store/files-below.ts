import { opendir, rmdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';

const namesAtOnce = 512;
const removedAtOnce = 64;

/** By its path below a folder, with forward slashes. */
export interface Below {
  readonly name: string;
  readonly isFolder: boolean;
}

/**
 * All that lies below a folder, a folder before what is in it; nothing where there is none. Read a few at
 * a time, where a recursive `readdir` keeps everything else waiting.
 */
export async function filesBelow(folder: string, path = ''): Promise<Below[]> {
  const found: Below[] = [];
  const options = { bufferSize: namesAtOnce };
  const entries = await opendir(join(folder, path), options).catch(unlessMissing);
  for await (const entry of entries ?? []) {
    const name = `${path}${entry.name}`;
    const isFolder = entry.isDirectory();
    found.push({ name, isFolder });
    if (!isFolder) continue;
    for (const deeper of await filesBelow(folder, `${name}/`)) found.push(deeper);
  }
  return found;
}

/** Removes a folder with all in it, a few files at a time, where `rm` begins with all of them at once. */
export async function removeFolder(folder: string): Promise<void> {
  const all = await filesBelow(folder);
  const files = all.filter(({ isFolder }) => !isFolder);
  for (let start = 0; start < files.length; start += removedAtOnce) {
    const some = files.slice(start, start + removedAtOnce);
    await Promise.all(some.map(({ name }) => unlink(join(folder, name)).catch(unlessMissing)));
  }
  for (const { name, isFolder } of all.reverse()) {
    if (isFolder) await rmdir(join(folder, name)).catch(unlessMissing);
  }
  await rmdir(folder).catch(unlessMissing);
}

function unlessMissing(error: NodeJS.ErrnoException): null {
  if (error.code !== 'ENOENT') throw error;
  return null;
}
