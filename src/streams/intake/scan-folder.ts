import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Observable, type Subscriber } from 'rxjs';
import { parseImageName } from '../../operators/image-name.js';
import { lookAtFiles } from './look-at-files.js';
import { type FolderSignal, fileMet } from './path-changed.js';

/** The folders of raw/ in which anything counts. */
export const imageFolders = ['train', 'test'] as const;

/** Tells once of every file directly under raw/train and raw/test, then completes. */
export function scanFolder(raw: string): Observable<FolderSignal> {
  return new Observable((subscriber) => {
    void scan(raw, subscriber);
  });
}

async function scan(raw: string, subscriber: Subscriber<FolderSignal>): Promise<void> {
  for (const folder of imageFolders) await list(raw, folder, subscriber);
  subscriber.next({ type: 'scanned' });
  subscriber.complete();
}

async function list(
  raw: string,
  folder: string,
  subscriber: Subscriber<FolderSignal>,
): Promise<void> {
  let names: string[];
  try {
    names = await readdir(join(raw, folder));
  } catch (error) {
    // A data set may have only one of the two folders.
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT') {
      subscriber.next({ type: 'trouble', code: 'FOLDER_UNREADABLE', message });
    }
    return;
  }
  await lookAtFiles(join(raw, folder), names, (name, stats) => {
    const path = `${folder}/${name}`;
    // Folders are looked into no deeper; one that has an image's name fails as one.
    if (stats?.isDirectory() && parseImageName(path).kind === 'foreign') return;
    subscriber.next(fileMet(path, stats));
  });
}
