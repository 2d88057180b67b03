import { Observable } from 'rxjs';

/** One async task as an observable of its result; unsubscribing aborts its signal. */
export function abortable<T>(task: (signal: AbortSignal) => Promise<T>): Observable<T> {
  return new Observable((subscriber) => {
    const controller = new AbortController();
    let isDone = false;
    task(controller.signal).then(
      (value) => {
        isDone = true;
        subscriber.next(value);
        subscriber.complete();
      },
      (error) => subscriber.error(error),
    );
    return () => {
      // Aborting costs ten times what all the rest does, and nobody listens any more.
      if (!isDone) controller.abort();
    };
  });
}
