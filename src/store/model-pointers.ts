import { mkdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { type Read, readJson, replaceFile } from './whole-folder.js';

/**
 * `best`: the model that predicts; the main process moves it.
 * `latest`: the checkpoint from which an interrupted training goes on; the compute process moves it.
 */
export type PointerName = 'best' | 'latest';

export interface Pointer {
  /** Absolute or relative as `modelsFolder` is. */
  readonly folder: string;
  /** What it pointed to before, for when `folder` turns out unreadable. */
  readonly previous: string | null;
}

/** Ids are others' to choose; in a folder's name only letters, digits, `_`, `.` and `-` stay. */
export function plainFolderName(id: string): string {
  return id.replace(/[^\w.-]/g, '_');
}

const plainName = z.string().regex(/^[\w.-]+$/, 'not a plain folder name');
const pointerSchema = z.object({ folder: plainName, previous: plainName.nullable() });

/** Where a pointer points; says nothing of whether the target can be read. */
export async function readPointer(modelsFolder: string, name: PointerName): Promise<Read<Pointer>> {
  const read = await readJson(pointerPath(modelsFolder, name), pointerSchema);
  if (read.status !== 'found') return read;
  const { folder, previous } = read.value;
  return {
    status: 'found',
    value: {
      folder: join(modelsFolder, folder),
      previous: previous === null ? null : join(modelsFolder, previous),
    },
  };
}

/**
 * Points to `folder` (its base name counts) from now on, atomically.
 *
 * @param standIn to fall back on, where what it pointed to until now is of no use
 */
export async function writePointer(
  modelsFolder: string,
  name: PointerName,
  folder: string,
  standIn: string | null = null,
): Promise<void> {
  await mkdir(modelsFolder, { recursive: true });
  const before = await readPointer(modelsFolder, name);
  let previous = standIn;
  if (before.status === 'found' && standIn === null) {
    const unmoved = basename(before.value.folder) === basename(folder);
    previous = unmoved ? before.value.previous : before.value.folder;
  }
  const content = {
    folder: basename(folder),
    previous: previous === null ? null : basename(previous),
  };
  await replaceFile(pointerPath(modelsFolder, name), `${JSON.stringify(content)}\n`);
}

export async function removePointer(modelsFolder: string, name: PointerName): Promise<void> {
  await rm(pointerPath(modelsFolder, name), { force: true });
}

function pointerPath(modelsFolder: string, name: PointerName): string {
  return join(modelsFolder, `${name}.json`);
}
