import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';

/** The mask of test image `id`: 8-bit grey, 0 or 255, on the original's grid. */
export function maskPath(folder: string, id: string): string {
  return join(folder, `${id}_mask.png`);
}

/** Whole or not at all; not forced to the disk, since a lost mask is made again. */
export async function writeMaskFile(folder: string, id: string, png: Uint8Array): Promise<void> {
  await writeFileAtomic(maskPath(folder, id), Buffer.from(png), { fsync: false });
}

export async function removeMaskFile(folder: string, id: string): Promise<void> {
  await rm(maskPath(folder, id), { force: true });
}
