import {
  distinctUntilChanged,
  exhaustMap,
  ignoreElements,
  merge,
  skip,
  startWith,
  tap,
  timer,
} from 'rxjs';
import type { PipelineEvent } from '../../events.js';
import type { StorePaths } from '../../store/store-paths.js';
import type { Effect } from './effect.js';

/** Masks and submission.csv are kept as they were left; what was refused is tried again. */
export const keepFilesRestored: Effect = ({ predictor, timing }) => {
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

/** A store that is removed or moved while it is in use is told once, and once when it is back. */
export const watchStore: Effect = ({ catalog, paths, timing, emit }) =>
  timer(timing.storeCheckEveryMs, timing.storeCheckEveryMs).pipe(
    exhaustMap(() => catalog.cache.isInPlace()),
    startWith(true),
    distinctUntilChanged(),
    skip(1),
    tap((isInPlace) => emit(storeNotice(isInPlace, paths))),
    ignoreElements(),
  );

function storeNotice(isInPlace: boolean, { cache }: StorePaths): PipelineEvent {
  if (isInPlace) {
    return { type: 'notice', level: 'info', code: 'STORE_BACK', message: `${cache} is back` };
  }
  const message =
    `${cache} was removed or moved while it is in use: what is done from now on is lost when the ` +
    'program ends. Bring it back, or stop and start: it is filled again from raw/';
  return { type: 'notice', level: 'error', code: 'STORE_GONE', message };
}
