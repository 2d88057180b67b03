import { join, relative, sep } from 'node:path';
import { FSWatcher } from 'chokidar';
import { exhaustMap, Observable, type Subscriber, Subscription, timer } from 'rxjs';
import type { Layout } from '../../layout/file-role.js';
import { kaggleLayout } from '../../layout/kaggle.js';
import { changeOf, type FolderIdentities, identitiesOf } from './folder-identities.js';
import { mayHoldFolders, within } from './image-folders.js';
import { type FolderSignal, pathChanged } from './path-changed.js';
import { scanFolder } from './scan-folder.js';

/** How often a folder is looked at when polling; its files are compared as often. */
const pollIntervalMs = 1000;
/** How often is looked whether raw/ and its folders are still the same. */
const identityIntervalMs = 1000;
/** Writing one file is several events: they are one change. */
const gatherMs = 10;
/** The system keeps so many events for us, usually 16,384, and drops the rest without a word. */
const eventsThatMayBeMore = 2000;

/**
 * Tells of every file in the folders of a layout, now and whenever one changes. Cold:
 * each subscription watches anew; unsubscribing stops. Never errors: what goes wrong is a
 * `trouble` signal, and when the system has no watches left it goes on by polling. When raw/ went
 * away and is back (a share mounted again), it is watched and scanned anew: chokidar would not.
 */
export function watchFolder(
  raw: string,
  { poll }: { readonly poll: boolean },
  layout: Layout = kaggleLayout,
): Observable<FolderSignal> {
  return new Observable((subscriber) => {
    let isPolling = poll;
    let watching = new Subscription();
    const start = (isFirst: boolean) => {
      watching.unsubscribe();
      watching = startWatching({ raw, layout, poll: isPolling, isFirst }, subscriber, (code) => {
        if (isPolling) return;
        isPolling = true;
        subscriber.next({ type: 'trouble', ...exhaustion(code) });
        start(isFirst);
      });
    };
    let known: FolderIdentities | null = null;
    const looking = timer(0, identityIntervalMs)
      .pipe(exhaustMap(() => identitiesOf(raw, layout)))
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
 * chokidar over folders alone: three watches in Kaggle's layout, whatever they hold. As it comes it watches each file
 * by itself, which takes 5 KB of memory a file, and at each event lists the whole folder again and
 * looks at every file in it.
 */
class FoldersWatcher extends FSWatcher {
  constructor(
    private readonly raw: string,
    private readonly layout: Layout,
    poll: boolean,
  ) {
    super({
      usePolling: poll,
      interval: pollIntervalMs,
      ignored: (path, stats) =>
        stats?.isFile() === true || !layout.mayHold(relativePath(raw, path)),
    });
  }

  /** What a folder holds: chokidar is told only where it has to find more folders. */
  override _readdirp(...args: Parameters<FSWatcher['_readdirp']>) {
    const folder = relativePath(this.raw, args[0]);
    return mayHoldFolders(this.layout, folder) ? super._readdirp(...args) : undefined;
  }
}

interface Watching {
  readonly raw: string;
  readonly layout: Layout;
  readonly poll: boolean;
  /** Whether all that is there has to be told of. */
  readonly isFirst: boolean;
}

function startWatching(
  { raw, layout, poll, isFirst }: Watching,
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
  const watcher = new FoldersWatcher(raw, layout, poll);
  watching.add(() => void watcher.close());
  watching.add(() => changed.drop());
  watcher
    // Of a folder: which name in it changed, where the system tells.
    .on('raw', (_event, name: string | null, details) => {
      const { watchedPath } = details as { readonly watchedPath?: string };
      const folder = watchedPath && relativePath(raw, watchedPath);
      if (folder === undefined) rescanNeeded();
      else if (!layout.mayHold(folder)) return;
      else if (name) changed.add(within(folder, name));
      else rescanNeeded();
    })
    // After this turn of the loop it is watched, so nothing is missed between the look and the watch.
    .on('addDir', () => void (isReady && setImmediate(rescanNeeded)))
    .on('unlinkDir', (path) => {
      const folder = relativePath(raw, path);
      // Of one below others all files are gone; one directly under raw/ may be a share that is off.
      if (folder.includes('/')) rescanNeeded();
      else if (layout.mayHold(folder)) subscriber.next({ type: 'folder-gone', folder });
    })
    .on('ready', () => {
      isReady = true;
      if (!isFirst) rescanNeeded();
      else watching.add(scanFolder(raw, layout).subscribe((signal) => subscriber.next(signal)));
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
