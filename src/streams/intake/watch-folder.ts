import { join, relative, sep } from 'node:path';
import { FSWatcher } from 'chokidar';
import { exhaustMap, Observable, type Subscriber, Subscription, timer } from 'rxjs';
import { changeOf, type FolderIdentities, identitiesOf } from './folder-identities.js';
import { type FolderSignal, pathChanged } from './path-changed.js';
import { imageFolders, scanFolder } from './scan-folder.js';

/** How often a folder is looked at when polling; its files are compared as often. */
const pollIntervalMs = 1000;
/** How often is looked whether raw/ and its folders are still the same. */
const identityIntervalMs = 1000;
/** Writing one file is several events: they are one change. */
const gatherMs = 10;
/** The system keeps so many events for us, usually 16,384, and drops the rest without a word. */
const eventsThatMayBeMore = 2000;

/**
 * Tells of every file directly under raw/train and raw/test, now and whenever one changes. Cold:
 * each subscription watches anew; unsubscribing stops. Never errors: what goes wrong is a
 * `trouble` signal, and when the system has no watches left it goes on by polling. When raw/ went
 * away and is back (a share mounted again), it is watched and scanned anew: chokidar would not.
 */
export function watchFolder(raw: string, { poll }: { poll: boolean }): Observable<FolderSignal> {
  return new Observable((subscriber) => {
    let isPolling = poll;
    let watching = new Subscription();
    const start = (isFirst: boolean) => {
      watching.unsubscribe();
      watching = startWatching(raw, isPolling, isFirst, subscriber, (code) => {
        if (isPolling) return;
        isPolling = true;
        subscriber.next({ type: 'trouble', ...exhaustion(code) });
        start(isFirst);
      });
    };
    let known: FolderIdentities | null = null;
    const looking = timer(0, identityIntervalMs)
      .pipe(exhaustMap(() => identitiesOf(raw)))
      .subscribe((now) => {
        const change = known === null ? 'raw' : changeOf(known, now);
        known = now;
        if (change !== null) start(change === 'raw');
      });
    return () => {
      looking.unsubscribe();
      watching.unsubscribe();
    };
  });
}

/**
 * chokidar over folders alone: three watches, whatever raw/ holds. As it comes it watches each file
 * by itself, which takes 5 KB of memory a file, and at each event lists the whole folder again and
 * looks at every file in it.
 */
class FoldersWatcher extends FSWatcher {
  constructor(
    private readonly raw: string,
    poll: boolean,
  ) {
    super({
      usePolling: poll,
      interval: pollIntervalMs,
      ignored: (path, stats) =>
        stats?.isFile() === true || !(isRoot(raw, path) || isImageFolder(relativePath(raw, path))),
    });
  }

  /** What a folder holds: chokidar is told of raw/ only, where it has to find train/ and test/. */
  override _readdirp(...args: Parameters<FSWatcher['_readdirp']>) {
    return isRoot(this.raw, args[0]) ? super._readdirp(...args) : undefined;
  }
}

function startWatching(
  raw: string,
  poll: boolean,
  isFirst: boolean,
  subscriber: Subscriber<FolderSignal>,
  onExhausted: (code: string) => void,
): Subscription {
  const watching = new Subscription();
  const rescanNeeded = () => subscriber.next({ type: 'rescan-needed' });
  const changed = new GatheredPaths((paths, events) => {
    for (const path of paths) subscriber.next(pathChanged(path));
    if (events > eventsThatMayBeMore) rescanNeeded();
  });
  let isReady = false;
  const watcher = new FoldersWatcher(raw, poll);
  watching.add(() => void watcher.close());
  watching.add(() => changed.drop());
  watcher
    // Of a folder: which name in it changed, where the system tells.
    .on('raw', (_event, name: string | null, details) => {
      const { watchedPath } = details as { readonly watchedPath?: string };
      const folder = watchedPath && relativePath(raw, watchedPath);
      if (folder === undefined) rescanNeeded();
      else if (!isImageFolder(folder)) return;
      else if (name) changed.add(`${folder}/${name}`);
      else rescanNeeded();
    })
    // After this turn of the loop it is watched, so nothing is missed between the look and the watch.
    .on('addDir', () => void (isReady && setImmediate(rescanNeeded)))
    .on('unlinkDir', (path) => {
      const folder = relativePath(raw, path);
      if (isImageFolder(folder)) subscriber.next({ type: 'folder-gone', folder });
    })
    .on('ready', () => {
      isReady = true;
      if (!isFirst) rescanNeeded();
      else watching.add(scanFolder(raw).subscribe((signal) => subscriber.next(signal)));
      // Nothing tells of a polled file that was changed in place: all of them are compared.
      if (poll) watching.add(timer(pollIntervalMs, pollIntervalMs).subscribe(rescanNeeded));
    })
    .on('error', (error) => {
      const { code = 'UNKNOWN', message } = error as NodeJS.ErrnoException;
      if (code === 'ENOSPC' || code === 'EMFILE') onExhausted(code);
      else subscriber.next({ type: 'trouble', code: 'WATCH_FAILED', message });
    });
  watcher.add(raw);
  return watching;
}

/** Paths of which something was told in the last moment, each once. */
class GatheredPaths {
  private paths = new Set<string>();
  private events = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly hand: (paths: Iterable<string>, events: number) => void) {}

  add(path: string): void {
    this.paths.add(path);
    this.events++;
    this.timer ??= setTimeout(() => {
      const paths = this.paths;
      const events = this.events;
      this.drop();
      this.hand(paths, events);
    }, gatherMs);
  }

  drop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.paths = new Set();
    this.events = 0;
  }
}

function isRoot(raw: string, path: string): boolean {
  return relativePath(raw, path) === '';
}

function isImageFolder(folder: string): boolean {
  return imageFolders.some((ours) => ours === folder);
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
