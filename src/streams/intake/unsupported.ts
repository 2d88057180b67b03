import { catchError, defer, EMPTY, expand, map, type Observable, of, switchMap, timer } from 'rxjs';
import { storeFailure } from '../../store/store-failure.js';
import type { IntakeParts } from './intake-parts.js';
import type { Assembled } from './sample-assembly.js';

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
  reconcileEveryMs: everyMs,
}: IntakeParts): Observable<Assembled> {
  const removal$ = defer(() =>
    assembly.removeUnsupported((split) => folders.isReachable(split, layout)),
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

function refusal(error: Error): Removal {
  const notice = { type: 'notice', level: 'error', ...storeFailure(error) } as const;
  return { isDone: false, events: [notice], changes: [] };
}
