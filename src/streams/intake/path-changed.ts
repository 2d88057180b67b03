import type { Stats } from 'node:fs';
import type { FileStamp } from '../../store/records.js';

/** A path under raw/ may have changed. What is there now is for whoever acts on it to look up. */
export interface PathChanged {
  /** Relative to raw/, with forward slashes. */
  readonly path: string;
  /** How often it has been found incomplete; the wait grows with it. */
  readonly attempt: number;
  /** Of the file that a scan has just met there: one that is known is then not looked at again. */
  readonly stamp?: FileStamp;
}

export type FolderSignal =
  | { readonly type: 'path-changed'; readonly change: PathChanged }
  /** Something may have changed, and nobody knows which file: all of them are to be compared. */
  | { readonly type: 'rescan-needed' }
  /** raw/train or raw/test is not there any more. */
  | { readonly type: 'folder-gone'; readonly folder: string }
  /** Every file that was there at the start has been told of. */
  | { readonly type: 'scanned' }
  | { readonly type: 'trouble'; readonly code: string; readonly message: string };

export function pathChanged(path: string, attempt = 0): FolderSignal {
  return { type: 'path-changed', change: { path, attempt } };
}

/** For a scan, which has the file's figures at hand. */
export function fileMet(path: string, stats: Stats | undefined): FolderSignal {
  if (!stats?.isFile()) return pathChanged(path);
  const { size, mtimeMs, ctimeMs } = stats;
  return { type: 'path-changed', change: { path, attempt: 0, stamp: { size, mtimeMs, ctimeMs } } };
}
