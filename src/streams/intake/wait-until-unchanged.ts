import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { asyncScheduler, firstValueFrom, type Observable, type SchedulerLike, timer } from 'rxjs';
import { mayBeNoImage } from '../../layout/extensions.js';
import type { Failure } from '../../operators/result.js';
import type { FileStamp } from '../../store/records.js';
import { abortable } from '../abortable.js';
import { topFolderOf } from './image-folders.js';
import type { PathChanged } from './path-changed.js';

/** What is at a path once nobody is writing there any more. */
export type SettledPath =
  | {
      readonly type: 'present';
      readonly path: string;
      readonly stamp: FileStamp;
      readonly attempt: number;
    }
  | { readonly type: 'gone'; readonly path: string }
  /** Its folder is not there: nobody deleted this file, a disk or a share went away. */
  | { readonly type: 'unreachable'; readonly path: string; readonly folder: string }
  | {
      readonly type: 'failed';
      readonly path: string;
      readonly failure: Failure;
      readonly seen: FileStamp | null;
    };

export interface SettleOptions {
  readonly raw: string;
  /** Size and time must stay the same for this long, in milliseconds. */
  readonly settleMs: number;
  readonly scheduler?: SchedulerLike;
  readonly statFile?: (path: string) => Promise<Stats>;
}

/** Incomplete files are looked at again after this share more of the settle time, each time. */
const incompleteBackoff = 2;

/**
 * Waits until size and modification time have been the same twice, `settleMs` apart. A file whose
 * inode has not changed for that long already is settled at once: unlike the modification time,
 * the change time cannot be set by who copies a file, so the first scan of a large folder does not
 * wait and a copy in progress does.
 */
export function waitUntilUnchanged(
  change: PathChanged,
  options: SettleOptions,
): Observable<SettledPath> {
  const { raw, settleMs, scheduler = asyncScheduler, statFile = stat } = options;
  const absolute = join(raw, change.path);
  const look = async () => await statFile(absolute).catch((error: NodeJS.ErrnoException) => error);
  const wait = async (ms: number) => await firstValueFrom(timer(ms, scheduler));
  const pause = settleMs * incompleteBackoff ** change.attempt;

  return abortable(async (signal) => {
    let seen = await look();
    const untouchedFor = isStats(seen) ? scheduler.now() - seen.ctimeMs : 0;
    if (change.attempt === 0 && isStats(seen) && untouchedFor >= settleMs) {
      return outcomeOf(change, seen);
    }
    while (!signal.aborted) {
      await wait(pause);
      const now = await look();
      if (isSame(seen, now)) break;
      seen = now;
    }
    if (isStats(seen) || seen.code !== 'ENOENT') return outcomeOf(change, seen);
    // Where only a folder below it is gone, somebody has deleted that.
    const folder = join(raw, topFolderOf(change.path));
    const folderThere = await statFile(folder).then(
      () => true,
      () => false,
    );
    return folderThere
      ? { type: 'gone', path: change.path }
      : { type: 'unreachable', path: change.path, folder };
  });
}

function outcomeOf(change: PathChanged, seen: Stats | NodeJS.ErrnoException): SettledPath {
  const { path, attempt } = change;
  if (!isStats(seen)) {
    return {
      type: 'failed',
      path,
      failure: { code: 'UNREADABLE', message: `cannot be looked at: ${seen.message}` },
      seen: null,
    };
  }
  const { size, mtimeMs, ctimeMs } = seen;
  const stamp = { size, mtimeMs, ctimeMs };
  if (!seen.isFile()) {
    // Folders have such names too.
    if (mayBeNoImage(path) && seen.isDirectory()) return { type: 'gone', path };
    return {
      type: 'failed',
      path,
      failure: { code: 'NOT_A_FILE', message: 'has the name of an image but is no regular file' },
      seen: stamp,
    };
  }
  return { type: 'present', path, stamp, attempt };
}

function isStats(seen: Stats | NodeJS.ErrnoException): seen is Stats {
  return !(seen instanceof Error);
}

function isSame(a: Stats | NodeJS.ErrnoException, b: Stats | NodeJS.ErrnoException): boolean {
  if (!isStats(a) || !isStats(b)) return !isStats(a) && !isStats(b) && a.code === b.code;
  return a.size === b.size && a.mtimeMs === b.mtimeMs && a.ino === b.ino;
}
