import { readFile } from 'node:fs/promises';
import {
  asyncScheduler,
  distinctUntilChanged,
  exhaustMap,
  filter,
  map,
  type Observable,
  pairwise,
  type SchedulerLike,
  timer,
} from 'rxjs';

/** What is at the file's path at one moment. */
export type ConfigLook =
  | { readonly state: 'there'; readonly text: string }
  | { readonly state: 'missing' }
  | { readonly state: 'unreadable'; readonly error: Error };

const everyMs = 500;

/**
 * Looks at a small file again and again, and tells it once it has been the same at two looks in a
 * row, and then only when it is another: whether an editor writes it in two halves, beside and
 * renamed, or deletes it first, and on disks that send no change events. The first look is told too.
 */
export function watchConfigFile(
  path: string,
  scheduler: SchedulerLike = asyncScheduler,
): Observable<ConfigLook> {
  return timer(0, everyMs, scheduler).pipe(
    exhaustMap(() => look(path)),
    settledLooks,
  );
}

export function settledLooks(looks$: Observable<ConfigLook>): Observable<ConfigLook> {
  return looks$.pipe(
    pairwise(),
    filter(([before, now]) => isSame(before, now)),
    map(([, now]) => now),
    distinctUntilChanged(isSame),
  );
}

async function look(path: string): Promise<ConfigLook> {
  return await readFile(path, 'utf8').then(
    (text): ConfigLook => ({ state: 'there', text }),
    (error: NodeJS.ErrnoException): ConfigLook =>
      error.code === 'ENOENT' ? { state: 'missing' } : { state: 'unreadable', error },
  );
}

function isSame(a: ConfigLook, b: ConfigLook): boolean {
  switch (a.state) {
    case 'there':
      return b.state === 'there' && a.text === b.text;
    case 'missing':
      return b.state === 'missing';
    case 'unreadable':
      return b.state === 'unreadable' && a.error.message === b.error.message;
  }
}
