import { concatMap, defer, type OperatorFunction } from 'rxjs';
import { type FileRecord, isSameStamp } from '../../store/records.js';
import { isReadAsLaidOut, type PixelStore, readyWithParts, settingsOf } from './cached.js';
import type { FileReady } from './file-in-hand.js';
import type { FolderSignal, PathChanged } from './path-changed.js';

/**
 * What has to be looked at. Most files of most starts are as they were left: those come out as
 * `ready` right away, none of the next stages would do more for them.
 *
 * @param onScanned called once all that was there at the start has been passed on
 */
export function changedPaths(
  store: PixelStore,
  onScanned: () => void,
): OperatorFunction<FolderSignal, PathChanged | FileReady> {
  const { files } = store.catalog;
  return (signals$) =>
    defer(() => {
      /** What the catalog knows and the first scan has not met so far; null when it is through. */
      let unmet: Set<string> | null = new Set([...files.filePaths(), ...files.filesInParts()]);

      function met(change: PathChanged): (PathChanged | FileReady)[] {
        if (!unmet?.delete(change.path)) return [change];
        const record = unchanged(change);
        return record ? readyWithParts(record, files) : [change];
      }

      function unchanged({ path, stamp }: PathChanged): FileRecord | undefined {
        const known = stamp && files.stampOf(path);
        if (known === undefined || !isSameStamp(known, stamp!)) return undefined;
        if (!files.isMadeWith(path, settingsOf(path, store))) return undefined;
        const record = files.get(path);
        return record && isReadAsLaidOut(record, store) ? record : undefined;
      }

      /** What the catalog knows and the scan did not meet may be gone. */
      function* notMet(): Generator<PathChanged> {
        for (const path of unmet ?? [...files.filePaths()]) yield { path, attempt: 0 };
        unmet = null;
        onScanned();
      }

      function pathsOf(signal: FolderSignal): Iterable<PathChanged | FileReady> {
        switch (signal.type) {
          case 'path-changed':
            return met(signal.change);
          case 'folder-gone':
            return oneOf(signal.folder, files.filePaths());
          case 'scanned':
            return notMet();
          case 'rescan-needed':
          case 'trouble':
            return [];
        }
      }

      return signals$.pipe(concatMap(pathsOf));
    });
}

export function isUnchanged(path: PathChanged | FileReady): path is FileReady {
  return 'record' in path;
}

export function isToBeLookedAt(path: PathChanged | FileReady): path is PathChanged {
  return !isUnchanged(path);
}

/** One of its files is enough to find out whether the folder is out of reach. */
function oneOf(folder: string, paths: Iterable<string>): PathChanged[] {
  for (const path of paths) if (path.startsWith(`${folder}/`)) return [{ path, attempt: 0 }];
  return [];
}
