import {
  asyncScheduler,
  combineLatest,
  distinctUntilChanged,
  filter,
  map,
  merge,
  type Observable,
  type SchedulerLike,
  startWith,
  switchMap,
  timer,
} from 'rxjs';
import { isTrainingBusy } from '../coordinator/state.js';
import type { SampleChange } from '../intake/sample-assembly.js';
import type { Effect } from './effect.js';

/**
 * Whether to train is considered when no pair has changed for a while. Test images do not count: a
 * scanner may bring one every few seconds, for weeks.
 */
export const watchPairs: Effect = ({ state$, intake, settings, timing }) => {
  const pairChanges$ = intake.changes$.pipe(filter(isNewsOfPairs));
  const isBusy$ = state$.pipe(map(isTrainingBusy), distinctUntilChanged());
  const quietMs = () =>
    state$.value.serving.is === 'none'
      ? timing.quietBeforeFirstTrainingMs
      : 1000 * settings.retrainQuiet;
  return merge(
    pairChanges$.pipe(map(() => ({ type: 'pairs', are: 'changed' }) as const)),
    whenQuiet(pairChanges$, isBusy$, quietMs).pipe(
      map(() => ({ type: 'pairs', are: 'quiet' }) as const),
    ),
  );
};

function isNewsOfPairs(change: SampleChange): boolean {
  return change.type === 'removed'
    ? change.split === 'train'
    : change.sample.split === 'train' && change.reason !== 'cached';
}

/**
 * Emits whenever there has been no news for `quietMs()` and nothing is busy: once for each stretch
 * of quiet, and again when what was busy in it is done.
 */
export function whenQuiet(
  news$: Observable<unknown>,
  isBusy$: Observable<boolean>,
  quietMs: () => number,
  scheduler: SchedulerLike = asyncScheduler,
): Observable<unknown> {
  const isQuiet$ = news$.pipe(
    switchMap(() =>
      timer(quietMs(), scheduler).pipe(
        map(() => true),
        startWith(false),
      ),
    ),
  );
  return combineLatest([isQuiet$.pipe(startWith(true)), isBusy$]).pipe(
    map(([isQuiet, isBusy]) => isQuiet && !isBusy),
    distinctUntilChanged(),
    filter((isFree) => isFree),
  );
}
