import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Layout } from '../../layout/file-role.js';
import { foldersIn } from '../../layout/folders-in.js';

/** The folder a path is in; '' is raw/ itself. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** The folder directly under raw/ that a path is in; '' is raw/ itself. */
export function topFolderOf(path: string): string {
  return path.slice(0, Math.max(0, path.indexOf('/')));
}

export function within(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

/** Whether folders below it can hold anything: in Kaggle's layout train/ and test/ have none. */
export function mayHoldFolders(layout: Layout, folder: string): boolean {
  return folder === '' || layout.mayHold(within(folder, 'any'));
}

/**
 * Folders under raw/ that are there and in which files can be anything, raw/ itself last. Those
 * that cannot be listed are passed to `onTrouble`, unless they are not there.
 */
export async function imageFolders(
  raw: string,
  layout: Layout,
  onTrouble: (error: NodeJS.ErrnoException) => void = () => {},
): Promise<string[]> {
  const found = [''];
  for (let at = 0; at < found.length; at++) {
    const folder = found[at]!;
    if (!mayHoldFolders(layout, folder)) continue;
    for (const name of await foldersWithin(join(raw, folder), onTrouble)) {
      const path = within(folder, name);
      if (layout.mayHold(path)) found.push(path);
    }
  }
  // Files of labels may lie in raw/ itself: better after the masks that make them needless.
  return [...found.slice(1), ''];
}

async function foldersWithin(
  folder: string,
  onTrouble: (error: NodeJS.ErrnoException) => void,
): Promise<string[]> {
  try {
    return await foldersIn(folder, await readdir(folder, { withFileTypes: true }));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') onTrouble(error as NodeJS.ErrnoException);
    return [];
  }
}
