import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { defer, from, mergeMap, type Observable } from 'rxjs';
import { parseImageName } from '../../operators/image-name.js';
import { type FileStamp, isSameStamp } from '../../store/records.js';
import { inTimeSlices } from '../time-slice.js';
import { lookAtFiles } from './look-at-files.js';
import { type FolderSignal, pathChanged } from './path-changed.js';
import { imageFolders } from './scan-folder.js';

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
export function reconcile(raw: string, seen: SeenFiles): Observable<FolderSignal> {
  return defer(() => from(differences(raw, seen))).pipe(
    mergeMap((paths) => paths.map((path) => pathChanged(path))),
  );
}

async function differences(raw: string, seen: SeenFiles): Promise<string[]> {
  const different: string[] = [];
  const listed = new Map<string, readonly string[]>();
  let known = 0;
  for (const folder of imageFolders) {
    const names = await readdir(join(raw, folder)).catch(() => null);
    if (names === null) continue;
    const ours = await inTimeSlices(oursAmong(names, folder));
    listed.set(folder, ours);
    await lookAtFiles(join(raw, folder), ours, (name, stats) => {
      const path = `${folder}/${name}`;
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

function* oursAmong(names: readonly string[], folder: string): Generator<void, string[]> {
  const ours: string[] = [];
  for (const name of names) {
    if (parseImageName(`${folder}/${name}`).kind !== 'foreign') ours.push(name);
    yield;
  }
  return ours;
}

/** Known paths that a folder which could be listed does not hold. */
function* goneFrom(
  listed: ReadonlyMap<string, readonly string[]>,
  seen: SeenFiles,
): Generator<void, string[]> {
  const there = new Map([...listed].map(([folder, names]) => [folder, new Set(names)]));
  const gone: string[] = [];
  for (const path of seen.paths()) {
    const slash = path.indexOf('/');
    if (there.get(path.slice(0, slash))?.has(path.slice(slash + 1)) === false) gone.push(path);
    yield;
  }
  return gone;
}
