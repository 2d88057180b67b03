import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { defer, from, mergeMap, type Observable } from 'rxjs';
import { parseImageName } from '../operators/image-name.js';
import { type FileStamp, isSameStamp } from '../store/records.js';
import { type FolderSignal, hintAt } from './path-hint.js';

const FOLDERS = ['train', 'test'] as const;
const STATS_AT_ONCE = 64;

/** What was last seen of a path, whether it could be used or not. */
export interface SeenFiles {
  paths(): Iterable<string>;
  stamp(path: string): FileStamp | undefined;
}

/**
 * Compares the folder with what is known and hints at every difference: bulk copies lose events,
 * network folders send none, and what changed while the program was off has none to send.
 */
export function reconcile(raw: string, seen: SeenFiles): Observable<FolderSignal> {
  return defer(() => from(differences(raw, seen))).pipe(
    mergeMap((paths) => paths.map((path) => hintAt(path))),
  );
}

async function differences(raw: string, seen: SeenFiles): Promise<string[]> {
  const listed = new Set<string>();
  const reachable = new Set<string>();
  for (const folder of FOLDERS) {
    const names = await readdir(join(raw, folder)).catch(() => null);
    if (names === null) continue;
    reachable.add(folder);
    for (const name of names) {
      const path = `${folder}/${name}`;
      if (parseImageName(path).kind !== 'foreign') listed.add(path);
    }
  }
  const different: string[] = [];
  for (const path of seen.paths()) {
    if (!listed.has(path) && reachable.has(path.slice(0, path.indexOf('/')))) different.push(path);
  }
  const paths = [...listed];
  for (let start = 0; start < paths.length; start += STATS_AT_ONCE) {
    const some = paths.slice(start, start + STATS_AT_ONCE);
    const changed = await Promise.all(
      some.map((path) => differs(join(raw, path), seen.stamp(path))),
    );
    different.push(...some.filter((_, index) => changed[index]));
  }
  return different;
}

async function differs(absolute: string, last: FileStamp | undefined): Promise<boolean> {
  if (last === undefined) return true;
  const now = await stat(absolute).catch(() => null);
  return now === null || !isSameStamp(now, last);
}
