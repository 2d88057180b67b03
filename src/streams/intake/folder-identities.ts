import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { imageFolders } from './scan-folder.js';

/** Which folder each of them is, whatever it holds; null where there is none. */
export interface FolderIdentities {
  readonly raw: string | null;
  readonly folders: readonly (string | null)[];
}

export async function identitiesOf(raw: string): Promise<FolderIdentities> {
  const paths = [raw, ...imageFolders.map((folder) => join(raw, folder))];
  const [root = null, ...folders] = await Promise.all(paths.map(identityOf));
  return { raw: root, folders };
}

async function identityOf(folder: string): Promise<string | null> {
  return await stat(folder).then(
    ({ dev, ino, birthtimeMs }) => `${dev}:${ino}:${birthtimeMs}`,
    () => null,
  );
}

/** What is there now and is not what was there before. */
export function changeOf(before: FolderIdentities, now: FolderIdentities): 'raw' | 'folder' | null {
  if (now.raw !== null && now.raw !== before.raw) return 'raw';
  const isOther = now.folders.some(
    (identity, at) => identity !== null && identity !== before.folders[at],
  );
  return isOther ? 'folder' : null;
}
