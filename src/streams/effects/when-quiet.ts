import {
  asyncScheduler,
  combineLatest,
  distinctUntilChanged,
  filter,
  map,
  type Observable,
  type SchedulerLike,
  startWith,
  switchMap,
  timer,
} from 'rxjs';

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
