import { Observable } from 'rxjs';

/** One async task as an observable of its result; unsubscribing aborts its signal. */
export function abortable<T>(task: (signal: AbortSignal) => Promise<T>): Observable<T> {
  return new Observable((subscriber) => {
    const controller = new AbortController();
    task(controller.signal).then(
      (value) => {
        subscriber.next(value);
        subscriber.complete();
      },
      (error) => subscriber.error(error),
    );
    return () => controller.abort();
  });
}
