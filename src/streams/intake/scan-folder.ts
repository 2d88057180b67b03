import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Observable, type Subscriber } from 'rxjs';
import type { Layout } from '../../layout/file-role.js';
import { kaggleLayout } from '../../layout/kaggle.js';
import { imageFolders, within } from './image-folders.js';
import { lookAtFiles } from './look-at-files.js';
import { type FolderSignal, fileMet } from './path-changed.js';

/** Tells once of every file under raw/, in all folders where one can be anything, then completes. */
export function scanFolder(raw: string, layout: Layout = kaggleLayout): Observable<FolderSignal> {
  return new Observable((subscriber) => {
    void scan(raw, layout, subscriber);
  });
}

async function scan(
  raw: string,
  layout: Layout,
  subscriber: Subscriber<FolderSignal>,
): Promise<void> {
  const tell = ({ code, message }: NodeJS.ErrnoException) => {
    if (code === 'ENOENT' || code === 'ENOTDIR') return;
    subscriber.next({ type: 'trouble', code: 'FOLDER_UNREADABLE', message });
  };
  for (const folder of await imageFolders(raw, layout, tell)) {
    const names = await readdir(join(raw, folder)).catch((error: NodeJS.ErrnoException) => {
      tell(error);
      return [];
    });
    await lookAtFiles(join(raw, folder), names, (name, stats) => {
      const path = within(folder, name);
      // A folder that has an image's name fails as one.
      if (stats?.isDirectory() && layout.roleOf(path).kind === 'foreign') return;
      subscriber.next(fileMet(path, stats));
    });
  }
  subscriber.next({ type: 'scanned' });
  subscriber.complete();
}
