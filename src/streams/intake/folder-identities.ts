import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Layout } from '../../layout/file-role.js';

/** Which folder each of them is, whatever it holds; null where there is none. */
export interface FolderIdentities {
  readonly raw: string | null;
  /** Those directly under raw/ in which files can be anything, by name. */
  readonly folders: ReadonlyMap<string, string | null>;
}

export async function identitiesOf(raw: string, layout: Layout): Promise<FolderIdentities> {
  const names = (await readdir(raw).catch(() => [])).filter((name) => layout.mayHold(name));
  const [root = null, ...folders] = await Promise.all(
    [raw, ...names.map((name) => join(raw, name))].map(identityOf),
  );
  return { raw: root, folders: new Map(names.map((name, at) => [name, folders[at] ?? null])) };
}

/** Of a file too: it is one of those that nobody asks about. */
async function identityOf(folder: string): Promise<string | null> {
  return await stat(folder).then(
    (stats) => (stats.isDirectory() ? `${stats.dev}:${stats.ino}:${stats.birthtimeMs}` : null),
    () => null,
  );
}

/** What is there now and is not what was there before. */
export function changeOf(before: FolderIdentities, now: FolderIdentities): 'raw' | 'folder' | null {
  if (now.raw !== null && now.raw !== before.raw) return 'raw';
  const isOther = [...now.folders].some(
    ([name, identity]) => identity !== null && identity !== before.folders.get(name),
  );
  return isOther ? 'folder' : null;
}
