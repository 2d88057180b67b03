import {
  concat,
  defer,
  distinctUntilChanged,
  EMPTY,
  mergeMap,
  type Observable,
  of,
  scan,
} from 'rxjs';
import { type Burst, nextBurst } from './burst.js';
import type { IntakeParts } from './intake-parts.js';
import type { Assembled } from './sample-assembly.js';
import { removeUnsupported } from './unsupported.js';

/** What is done when a burst of files begins and ends, as it follows from what is in flight. */
export function bursts(intake: IntakeParts): Observable<Assembled> {
  const { inFlight, busy$, assembly } = intake;
  const busy = (isBusy: boolean) =>
    defer(() => {
      busy$.next(isBusy);
      return EMPTY;
    });
  return inFlight.total$.pipe(
    scan(nextBurst, 'scanning' as Burst),
    distinctUntilChanged(),
    mergeMap((burst): Observable<Assembled> => {
      switch (burst) {
        case 'scanning':
          return EMPTY;
        case 'closing':
          return removeUnsupported(intake);
        case 'idle':
          return concat(of({ events: assembly.takeWaiting(), changes: [] }), busy(false));
        case 'working':
          return busy(true);
      }
    }),
  );
}
