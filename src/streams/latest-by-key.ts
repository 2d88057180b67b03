import {
  from,
  Observable,
  type ObservableInput,
  type OperatorFunction,
  type Subscription,
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
      const running = new Map<string, Subscription>();
      let paused = false;
      let sourceDone = false;
      let starting = false;

      const report = () => onLoad?.({ queued: waiting.size, running: running.size });

      /** A loop, not recursion: inner observables that end at once must not grow the stack. */
      const startWhatMay = () => {
        if (starting) return;
        starting = true;
        while (!paused && running.size < concurrency && !subscriber.closed) {
          const next = waiting.entries().next();
          if (next.done) break;
          const [key, value] = next.value;
          waiting.delete(key);
          run(key, value);
        }
        starting = false;
        report();
        if (sourceDone && waiting.size === 0 && running.size === 0) subscriber.complete();
      };

      const run = (key: string, value: T) => {
        let ended = false;
        const end = () => {
          ended = true;
          running.delete(key);
          startWhatMay();
        };
        const subscription = from(project(value)).subscribe({
          next: (result) => subscriber.next(result),
          error: (error) => subscriber.error(error),
          complete: end,
        });
        if (!ended) running.set(key, subscription);
      };

      const pausing = paused$?.subscribe((value) => {
        paused = value;
        startWhatMay();
      });
      const feeding = source.subscribe({
        next: (value) => {
          const key = keyOf(value);
          running.get(key)?.unsubscribe();
          running.delete(key);
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
