import { rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { decodeConcurrency, sharp } from '../operators/configured-sharp.js';
import type { GridSize } from '../operators/image.js';

/** Drawing holds the main thread; meanwhile libvips compresses what is drawn. */
export async function inParallel<T>(
  items: Iterable<T>,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = items[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (let next = left.next(); !next.done; next = left.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: decodeConcurrency }, worker));
}

/** Grey, LZW. */
export async function writeTiff(
  path: string,
  grey: Uint8Array,
  { height, width }: GridSize,
): Promise<void> {
  const file = await sharp(grey, { raw: { height, width, channels: 1 } })
    .toColourspace('b-w')
    .tiff({ compression: 'lzw' })
    .toBuffer();
  await writeWhole(path, file);
}

/** Under a hidden name first, so that who watches the folder never sees half a file. */
export async function writeWhole(path: string, content: Uint8Array | string): Promise<void> {
  const unfinished = join(dirname(path), `.${basename(path)}.tmp`);
  try {
    await writeFile(unfinished, content);
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}
