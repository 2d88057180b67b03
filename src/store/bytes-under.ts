import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

const statsAtOnce = 64;

/** Bytes on the disk of a file or of all files of a folder; 0 of what is not there. */
export async function bytesUnder(path: string): Promise<number> {
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
