import { rm, stat, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const nowhere = 'nowhere';

/** Which folder lies at a path now. Null where it cannot be told, say for want of file handles. */
export async function folderIdOf(folder: string): Promise<string | null> {
  return await stat(folder).then(
    ({ dev, ino }) => `${dev} ${ino}`,
    ({ code }: NodeJS.ErrnoException) => (code === 'ENOENT' || code === 'ENOTDIR' ? nowhere : null),
  );
}

/** LevelDB writes two files of 4 MB before it has opened for sure. */
const openingBytes = 8 * 1024 * 1024;

/** Whether LevelDB could be opened there: with too little room it fails half-way. */
export async function hasRoomToOpen(folder: string): Promise<boolean> {
  return (await freeBytes(folder)) >= openingBytes && (await isWritable(folder));
}

async function freeBytes(folder: string): Promise<number> {
  return await statfs(folder).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => 0,
  );
}

async function isWritable(folder: string): Promise<boolean> {
  const probe = join(folder, 'probe');
  try {
    await writeFile(probe, 'x');
    return true;
  } catch {
    return false;
  } finally {
    await rm(probe, { force: true }).catch(() => {});
  }
}
