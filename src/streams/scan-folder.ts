import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { defer, from, type Observable } from 'rxjs';
import { type FolderSignal, hintAtFile } from './path-hint.js';

/** So many hints come at once; in between others have their turn. */
const STATS_AT_ONCE = 64;

/** Hints once at every file directly under raw/train and raw/test, then completes. */
export function scanFolder(raw: string): Observable<FolderSignal> {
  return defer(() => from(signalsOf(raw)));
}

async function* signalsOf(raw: string): AsyncGenerator<FolderSignal> {
  for (const folder of ['train', 'test']) yield* list(raw, folder);
  yield { type: 'scanned' };
}

async function* list(raw: string, folder: string): AsyncGenerator<FolderSignal> {
  let names: string[];
  try {
    names = await readdir(join(raw, folder));
  } catch (error) {
    // A data set may have only one of the two folders.
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT') yield { type: 'trouble', code: 'FOLDER_UNREADABLE', message };
    return;
  }
  for (let start = 0; start < names.length; start += STATS_AT_ONCE) {
    const some = names.slice(start, start + STATS_AT_ONCE).map(async (name) => {
      const stats = await stat(join(raw, folder, name)).catch(() => undefined);
      return hintAtFile(`${folder}/${name}`, stats);
    });
    yield* await Promise.all(some);
  }
}
