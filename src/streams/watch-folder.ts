import { stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { watch } from 'chokidar';
import { exhaustMap, filter, Observable, pairwise, type Subscriber, startWith, timer } from 'rxjs';
import { type FolderSignal, hintAt, hintAtFile } from './path-hint.js';

/** How often a polled file is looked at. */
const POLL_INTERVAL_MS = 1000;
/** How often is looked whether raw/ is still the same folder. */
const ROOT_CHECK_INTERVAL_MS = 1000;

/**
 * Hints at every file directly under raw/train and raw/test, now and whenever one changes. Cold:
 * each subscription watches anew; unsubscribing stops. Never errors: what goes wrong is a
 * `trouble` signal, and when the system has no watches left it goes on by polling. When raw/ went
 * away and is back (a share mounted again), it is watched and scanned anew: chokidar would not.
 */
export function watchFolder(raw: string, { poll }: { poll: boolean }): Observable<FolderSignal> {
  return new Observable((subscriber) => {
    let isPolling = poll;
    const start = (): (() => void) =>
      startWatching(raw, isPolling, subscriber, (code) => {
        if (isPolling) return;
        isPolling = true;
        stop();
        subscriber.next({ type: 'trouble', ...exhaustion(code) });
        stop = start();
      });
    let stop = () => {};
    const appearing = whenThere(raw).subscribe(() => {
      stop();
      stop = start();
    });
    return () => {
      appearing.unsubscribe();
      stop();
    };
  });
}

function startWatching(
  raw: string,
  poll: boolean,
  subscriber: Subscriber<FolderSignal>,
  onExhausted: (code: string) => void,
): () => void {
  const hint = (path: string) => subscriber.next(hintAt(relativePath(raw, path)));
  const watcher = watch(raw, {
    depth: 1,
    usePolling: poll,
    interval: POLL_INTERVAL_MS,
    binaryInterval: POLL_INTERVAL_MS,
    // Folders other than ours are not even listed.
    ignored: (path, stats) =>
      stats?.isDirectory() === true && !['', 'train', 'test'].includes(relativePath(raw, path)),
  });
  watcher
    .on('add', (path, stats) => subscriber.next(hintAtFile(relativePath(raw, path), stats)))
    .on('change', hint)
    .on('unlink', (path) => subscriber.next({ type: 'unlinked', path: relativePath(raw, path) }))
    .on('ready', () => subscriber.next({ type: 'scanned' }))
    .on('error', (error) => {
      const { code = 'UNKNOWN', message } = error as NodeJS.ErrnoException;
      if (code === 'ENOSPC' || code === 'EMFILE') onExhausted(code);
      else subscriber.next({ type: 'trouble', code: 'WATCH_FAILED', message });
    });
  return () => void watcher.close();
}

/** At once, then whenever the folder is there that was not before, or another one of its name. */
function whenThere(folder: string): Observable<unknown> {
  return timer(0, ROOT_CHECK_INTERVAL_MS).pipe(
    exhaustMap(() => identityOf(folder)),
    startWith(undefined),
    pairwise(),
    filter(([before, now]) => before === undefined || (now !== null && now !== before)),
  );
}

async function identityOf(folder: string): Promise<string | null> {
  return await stat(folder).then(
    ({ dev, ino, birthtimeMs }) => `${dev}:${ino}:${birthtimeMs}`,
    () => null,
  );
}

function relativePath(raw: string, path: string): string {
  return relative(raw, join(path)).split(sep).join('/');
}

function exhaustion(code: string): { code: string; message: string } {
  return code === 'ENOSPC'
    ? {
        code: 'INOTIFY_LIMIT',
        message:
          'The system has no inotify watches left; polling instead. To raise the limit: sudo sysctl fs.inotify.max_user_watches=524288',
      }
    : {
        code: 'TOO_MANY_OPEN_FILES',
        message:
          'The system has no file handles left for watching; polling instead (see ulimit -n).',
      };
}
