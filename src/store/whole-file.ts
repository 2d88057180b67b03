import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';

/**
 * Replaces the file whole, so that a reader never sees half of it; leaves an equal one alone. The
 * parts are written as they come: all rows at once would be most of the program's memory.
 */
export async function writeWholeFile(
  path: string,
  parts: Iterable<string> | AsyncIterable<string>,
): Promise<'written' | 'unchanged'> {
  const standing = await stat(path).catch(() => null);
  // What a killed process leaves under this name is swept (unfinished-files.ts).
  const unfinished = `${path}.${process.pid}`;
  try {
    const file = await open(unfinished, 'w', standing?.mode ?? 0o666);
    const hash = createHash('sha256');
    let bytes = 0;
    try {
      for await (const part of parts) {
        const encoded = Buffer.from(part);
        bytes += encoded.length;
        hash.update(encoded);
        await file.writeFile(encoded);
      }
      const isSame = standing?.size === bytes && (await hashOf(path)) === hash.digest('hex');
      if (isSame) return 'unchanged';
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
    return 'written';
  } finally {
    await rm(unfinished, { force: true });
  }
}

async function hashOf(path: string): Promise<string | null> {
  const hash = createHash('sha256');
  try {
    for await (const part of createReadStream(path)) hash.update(part as Buffer);
    return hash.digest('hex');
  } catch {
    return null;
  }
}
