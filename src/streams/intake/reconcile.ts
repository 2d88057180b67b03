import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { defer, from, mergeMap, type Observable } from 'rxjs';
import type { Layout } from '../../layout/file-role.js';
import { kaggleLayout } from '../../layout/kaggle.js';
import { type FileStamp, isSameStamp } from '../../store/records.js';
import { inTimeSlices } from '../time-slice.js';
import { folderOf, imageFolders, topFolderOf, within } from './image-folders.js';
import { lookAtFiles } from './look-at-files.js';
import { type FolderSignal, pathChanged } from './path-changed.js';

/** What was last seen of a path, whether it could be used or not. */
export interface SeenFiles {
  /** How many paths there are. */
  count(): number;
  paths(): Iterable<string>;
  has(path: string): boolean;
  /** Undefined for one that was never seen, and for one that is to be looked at again. */
  stamp(path: string): FileStamp | undefined;
}

/**
 * Compares the folder with what is known and tells of every difference: bulk copies lose events,
 * network folders send none, and what changed while the program was off has none to send.
 */
export function reconcile(
  raw: string,
  seen: SeenFiles,
  layout: Layout = kaggleLayout,
): Observable<FolderSignal> {
  return defer(() => from(differences(raw, layout, seen))).pipe(
    mergeMap((paths) => paths.map((path) => pathChanged(path))),
  );
}

async function differences(raw: string, layout: Layout, seen: SeenFiles): Promise<string[]> {
  const different: string[] = [];
  const listed = new Map<string, readonly string[]>();
  let known = 0;
  for (const folder of await imageFolders(raw, layout)) {
    const names = await readdir(join(raw, folder)).catch(() => null);
    if (names === null) continue;
    const ours = await inTimeSlices(oursAmong(names, folder, layout));
    listed.set(folder, ours);
    await lookAtFiles(join(raw, folder), ours, (name, stats) => {
      const path = within(folder, name);
      if (seen.has(path)) known++;
      const last = seen.stamp(path);
      const isSame = last !== undefined && stats !== undefined && isSameStamp(stats, last);
      if (!isSame) different.push(path);
    });
  }
  // Mostly every known path has been met, and nothing has to be searched for.
  if (known < seen.count()) {
    for (const path of await inTimeSlices(goneFrom(listed, seen))) different.push(path);
  }
  return different;
}

function* oursAmong(
  names: readonly string[],
  folder: string,
  layout: Layout,
): Generator<void, string[]> {
  const ours: string[] = [];
  for (const name of names) {
    if (layout.roleOf(within(folder, name)).kind !== 'foreign') ours.push(name);
    yield;
  }
  return ours;
}

/** Known paths that are not there, in folders of which the one directly under raw/ is there. */
function* goneFrom(
  listed: ReadonlyMap<string, readonly string[]>,
  seen: SeenFiles,
): Generator<void, string[]> {
  const there = new Map([...listed].map(([folder, names]) => [folder, new Set(names)]));
  const gone: string[] = [];
  for (const path of seen.paths()) {
    const names = there.get(folderOf(path));
    const isFolderGone = names === undefined && there.has(topFolderOf(path));
    const isGone = names?.has(path.slice(path.lastIndexOf('/') + 1)) === false;
    if (isGone || isFolderGone) gone.push(path);
    yield;
  }
  return gone;
}
