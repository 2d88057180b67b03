import {
  defer,
  Observable,
  type ObservableInput,
  type OperatorFunction,
  Subscription,
  takeWhile,
} from 'rxjs';

export interface LatestByKeyOptions {
  /** At most this many run at once. */
  readonly concurrency: number;
  /** While true nothing new starts; what runs goes on. */
  readonly paused$?: Observable<boolean>;
  /** Told whenever the numbers change. */
  readonly onLoad?: (load: { readonly queued: number; readonly running: number }) => void;
}

/**
 * Runs `project` once for each key at a time, for the newest value only: a value that comes while
 * its key waits replaces the waiting one, one that comes while its key runs cancels that run and
 * starts again. The queue holds values, never results, and one a key: bounded by what there is,
 * not by how often it changes. (`groupBy` + `switchMap` would keep a group for every key ever
 * seen, and `mergeMap` would run outdated values.)
 */
export function latestByKey<T, R>(
  keyOf: (value: T) => string,
  project: (value: T) => ObservableInput<R>,
  { concurrency, paused$, onLoad }: LatestByKeyOptions,
): OperatorFunction<T, R> {
  return (source) =>
    new Observable<R>((subscriber) => {
      const waiting = new Map<string, T>();
      /** Kept, not made anew for each value: a new one steps over every key deleted before. */
      let firstIn = waiting.entries();
      const running = new Map<string, Subscription>();
      let paused = false;
      let sourceDone = false;
      let starting = false;

      const report = () => onLoad?.({ queued: waiting.size, running: running.size });

      const takeFirst = (): [string, T] | undefined => {
        if (waiting.size === 0) return undefined;
        let next = firstIn.next();
        if (next.done) {
          firstIn = waiting.entries();
          next = firstIn.next();
        }
        if (next.done) return undefined;
        waiting.delete(next.value[0]);
        return next.value;
      };

      /** A loop, not recursion: inner observables that end at once must not grow the stack. */
      const startWhatMay = () => {
        if (starting) return;
        starting = true;
        while (!paused && running.size < concurrency && !subscriber.closed) {
          const next = takeFirst();
          if (next === undefined) break;
          run(...next);
        }
        starting = false;
        report();
        if (sourceDone && waiting.size === 0 && running.size === 0) subscriber.complete();
      };

      const run = (key: string, value: T) => {
        const own = new Subscription();
        running.set(key, own);
        const isNewest = () => running.get(key) === own;
        const results = defer(() => project(value)).pipe(
          // Unsubscribing does not reach one that emits all of its results at once.
          takeWhile(isNewest),
        );
        own.add(
          results.subscribe({
            next: (result) => subscriber.next(result),
            error: (error) => subscriber.error(error),
            complete: () => {
              if (!isNewest()) return;
              running.delete(key);
              startWhatMay();
            },
          }),
        );
      };

      const pausing = paused$?.subscribe((value) => {
        paused = value;
        startWhatMay();
      });
      const feeding = source.subscribe({
        next: (value) => {
          const key = keyOf(value);
          const outdated = running.get(key);
          running.delete(key);
          outdated?.unsubscribe();
          waiting.set(key, value);
          startWhatMay();
        },
        error: (error) => subscriber.error(error),
        complete: () => {
          sourceDone = true;
          startWhatMay();
        },
      });

      return () => {
        feeding.unsubscribe();
        pausing?.unsubscribe();
        for (const subscription of running.values()) subscription.unsubscribe();
      };
    });
}
