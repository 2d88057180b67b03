import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Writes a file so that it is there whole or not at all, a piece after the other: no copy of all of it is
 * ever in memory. Rejects with the file system's error, leaving nothing behind.
 */
export async function writeWholeFile(path: string, pieces: Iterable<Uint8Array>): Promise<void> {
  const temporary = join(dirname(path), `.tmp-${process.pid}-${basename(path)}`);
  try {
    const file = await open(temporary, 'w');
    try {
      for (const piece of pieces) await file.writeFile(piece);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
