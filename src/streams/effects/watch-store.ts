import {
  distinctUntilChanged,
  exhaustMap,
  ignoreElements,
  skip,
  startWith,
  tap,
  timer,
} from 'rxjs';
import type { PipelineEvent } from '../../events.js';
import type { StorePaths } from '../../store/store-paths.js';
import type { Effect } from './effect.js';

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
