import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { concat, defer, from, mergeMap, type Observable, of } from 'rxjs';
import { type FolderSignal, hintAtFile } from './path-hint.js';

const STATS_AT_ONCE = 64;

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
    const hints: FolderSignal[] = [];
    for (let start = 0; start < names.length; start += STATS_AT_ONCE) {
      const some = names.slice(start, start + STATS_AT_ONCE).map(async (name) => {
        const stats = await stat(join(raw, folder, name)).catch(() => undefined);
        return hintAtFile(`${folder}/${name}`, stats);
      });
      hints.push(...(await Promise.all(some)));
    }
    return hints;
  } catch (error) {
    // A data set may have only one of the two folders.
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    return [{ type: 'trouble', code: 'FOLDER_UNREADABLE', message }];
  }
}
