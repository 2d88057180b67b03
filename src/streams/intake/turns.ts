import { concatMap, defer, finalize, from, type Observable } from 'rxjs';

/** One after the other: each begins when all that were subscribed to before it have ended. */
export function turns(): <T>(work$: Observable<T>) => Observable<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work$) =>
    defer(() => {
      const before = last;
      let end = () => {};
      const own = new Promise<void>((resolve) => {
        end = resolve;
      });
      last = before.then(() => own);
      return from(before).pipe(
        concatMap(() => work$),
        finalize(end),
      );
    });
}
