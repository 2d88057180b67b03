import {
  concat,
  defer,
  distinctUntilChanged,
  EMPTY,
  merge,
  mergeMap,
  type Observable,
  of,
  scan,
} from 'rxjs';
import type { IntakeParts } from './intake-parts.js';
import { tellUnsized } from './respaced.js';
import type { Assembled } from './sample-assembly.js';
import { tellIgnored } from './tell-ignored.js';
import { unmatched } from './unmatched.js';
import { removeUnsupported } from './unsupported.js';

/**
 * How far the intake is with what has come:
 *
 *     scanning ──all in the catalog──> closing ──samples without files are gone──> idle <──> working
 */
export type Burst =
  /** The files that were there at the start. */
  | 'scanning'
  /** They are through; what the catalog holds beyond them is being removed. */
  | 'closing'
  | 'idle'
  | 'working';

/** @param inFlight how much all stages have in hand, the scan and the removal among it */
export function nextBurst(burst: Burst, inFlight: number): Burst {
  switch (burst) {
    case 'scanning':
      return inFlight === 0 ? 'closing' : 'scanning';
    case 'closing':
    case 'working':
      return inFlight === 0 ? 'idle' : burst;
    case 'idle':
      return inFlight === 0 ? 'idle' : 'working';
  }
}

/** What is done when a burst of files begins and ends, as it follows from what is in flight. */
export function bursts(intake: IntakeParts): Observable<Assembled> {
  const { inFlight, busy$, assembly, doubts } = intake;
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
          return merge(removeUnsupported(intake), tellIgnored(intake).pipe(inFlight.committing()));
        case 'idle':
          return concat(
            unmatched(intake),
            tellUnsized(intake),
            defer(() => of({ events: [...assembly.takeWaiting(), ...doubts.take()], changes: [] })),
            busy(false),
          );
        case 'working':
          return busy(true);
      }
    }),
  );
}
