import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { concat, defer, from, mergeMap, type Observable, of } from 'rxjs';
import { type FolderSignal, hintAt } from './path-hint.js';

/** Hints once at every file directly under raw/train and raw/test, then completes. */
export function scanFolder(raw: string): Observable<FolderSignal> {
  const listing = defer(() => from(Promise.all(['train', 'test'].map((name) => list(raw, name)))));
  return concat(
    listing.pipe(mergeMap((lists) => lists.flat())),
    of<FolderSignal>({ type: 'scanned' }),
  );
}

async function list(raw: string, folder: string): Promise<FolderSignal[]> {
  try {
    const names = await readdir(join(raw, folder));
    return names.map((name) => hintAt(`${folder}/${name}`));
  } catch (error) {
    // A data set may have only one of the two folders.
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    return [{ type: 'trouble', code: 'FOLDER_UNREADABLE', message }];
  }
}
