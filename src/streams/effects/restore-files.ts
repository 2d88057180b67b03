import { exhaustMap, ignoreElements, merge, tap, timer } from 'rxjs';
import type { Effect } from './effect.js';

/** Masks and submission.csv are kept as they were left; what was refused is tried again. */
export const restoreFiles: Effect = ({ predictor, timing }) => {
  const { storeCheckEveryMs, reconcileEveryMs } = timing;
  const restored$ = timer(storeCheckEveryMs, storeCheckEveryMs).pipe(
    exhaustMap(() => predictor.restoreFiles()),
  );
  // Not in the moment in which all files are compared.
  const considered$ = timer(1.5 * reconcileEveryMs, reconcileEveryMs).pipe(
    tap(() => predictor.considerAll()),
  );
  return merge(restored$, considered$).pipe(ignoreElements());
};
