import { catchError, defer, EMPTY, expand, map, type Observable, of, switchMap, timer } from 'rxjs';
import type { Split } from '../../events.js';
import { storeFailure } from '../../store/store-failure.js';
import type { IntakeParts } from './intake-parts.js';
import type { Assembled, SampleAssembly } from './sample-assembly.js';

/** Samples looked at in one go; in between others have their turn. */
const looksAtOnce = 500;

interface Removal extends Assembled {
  readonly isDone: boolean;
}

/**
 * Removes samples for which no complete set of files was found. Where the store refuses that, it is
 * told and tried again with the next comparison; in one scan there is none.
 */
export function removeUnsupported({
  assembly,
  folders,
  inFlight,
  layout,
  store,
  reconcileEveryMs: everyMs,
}: IntakeParts): Observable<Assembled> {
  const removal$ = defer(() =>
    removeWithoutFiles(assembly, store.catalog.samples.keys(), (split) =>
      folders.isReachable(split, layout),
    ),
  ).pipe(
    map((assembled): Removal => ({ ...assembled, isDone: true })),
    catchError((error: Error) => of(refusal(error))),
    inFlight.committing(),
  );
  return removal$.pipe(
    expand(({ isDone }) =>
      isDone || everyMs === 0 ? EMPTY : timer(everyMs).pipe(switchMap(() => removal$)),
    ),
  );
}

/** Removes those of the samples, by their keys, of which no complete set of files is there. */
export async function removeWithoutFiles(
  assembly: SampleAssembly,
  keys: Iterable<string>,
  isReachable: (split: Split) => boolean,
): Promise<Assembled> {
  const unsupported: string[] = [];
  let looks = 0;
  for (const key of keys) {
    if (++looks % looksAtOnce === 0) await new Promise(setImmediate);
    if (!assembly.isSupported(key, isReachable)) unsupported.push(key);
  }
  // Looked at again: meanwhile a file may have come.
  const lost = unsupported.filter((key) => !assembly.isSupported(key, isReachable));
  const removed = await Promise.all(lost.map((key) => assembly.remove(key)));
  return {
    events: removed.flatMap(({ events }) => events),
    changes: removed.flatMap(({ changes }) => changes),
  };
}

function refusal(error: Error): Removal {
  const notice = { type: 'notice', level: 'error', ...storeFailure(error) } as const;
  return { isDone: false, events: [notice], changes: [] };
}
