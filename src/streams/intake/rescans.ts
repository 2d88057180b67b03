import {
  concatMap,
  defer,
  filter,
  finalize,
  first,
  interval,
  merge,
  NEVER,
  type OperatorFunction,
  Subject,
  switchMap,
  throttle,
} from 'rxjs';
import type { IntakeParts } from './intake-parts.js';
import type { FolderSignal } from './path-changed.js';
import { reconcile } from './reconcile.js';

/** After comparing all files, this many times as long as that took nothing is compared. */
const restAfterComparing = 4;

/**
 * Compares all files with what is known, now and then and when a signal asks for it. Not while
 * anything is in hand: that would differ.
 */
export function rescans({
  raw,
  layout,
  store,
  failures,
  busy$,
  reconcileEveryMs: everyMs,
}: IntakeParts): OperatorFunction<FolderSignal, FolderSignal> {
  const seen = failures.seenWith(store.catalog.files);
  return (signals$) =>
    defer(() => {
      const rested = new Subject<void>();
      const compared$ = defer(() => {
        const began = performance.now();
        return reconcile(raw, seen, layout).pipe(
          finalize(() => {
            const rest = (performance.now() - began) * restAfterComparing;
            setTimeout(() => rested.next(), rest).unref();
          }),
        );
      });
      const needed$ = signals$.pipe(filter(({ type }) => type === 'rescan-needed'));
      return merge(everyMs === 0 ? NEVER : interval(everyMs), needed$).pipe(
        // One at a time; whatever comes meanwhile is one more after it.
        throttle(() => rested, { leading: true, trailing: true }),
        concatMap(() =>
          busy$.pipe(
            first((isBusy) => !isBusy),
            switchMap(() => compared$),
          ),
        ),
      );
    });
}
