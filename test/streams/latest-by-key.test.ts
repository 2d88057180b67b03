import fc from 'fast-check';
import {
  BehaviorSubject,
  finalize,
  from,
  map,
  NEVER,
  of,
  range,
  Subject,
  tap,
  throwError,
  timer,
} from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, test } from 'vitest';
import { latestByKey } from '../../src/streams/intake/latest-by-key.js';

const marbles = () => new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
const keyOf = (value: string) => value[0]!;

describe('latestByKey', () => {
  test('a newer value of a key cancels the run of the older one, and only that', () => {
    marbles().run(({ hot, expectObservable }) => {
      const source$ = hot('a-b-c|', { a: 'x1', b: 'y1', c: 'x2' });
      const result$ = source$.pipe(
        latestByKey(keyOf, (value) => timer(5).pipe(map(() => value)), { concurrency: 2 }),
      );
      expectObservable(result$).toBe('-------b-(c|)', { b: 'y1', c: 'x2' });
    });
  });

  test('what waits is replaced by a newer value of its key and keeps its place', () => {
    marbles().run(({ hot, expectObservable }) => {
      const source$ = hot('(abcd|)', { a: 'x1', b: 'y1', c: 'z1', d: 'y2' });
      const result$ = source$.pipe(
        latestByKey(keyOf, (value) => timer(2).pipe(map(() => value)), { concurrency: 1 }),
      );
      expectObservable(result$).toBe('--a-b-(c|)', { a: 'x1', b: 'y2', c: 'z1' });
    });
  });

  test('while paused nothing starts, what runs goes on, and then the newest goes first', () => {
    marbles().run(({ hot, cold, expectObservable }) => {
      const paused$ = cold('ft--f', { t: true, f: false });
      const source$ = hot('a-bc|', { a: 'x1', b: 'y1', c: 'y2' });
      const result$ = source$.pipe(
        latestByKey(keyOf, (value) => timer(2).pipe(map(() => value)), {
          concurrency: 4,
          paused$,
        }),
      );
      expectObservable(result$).toBe('--a---(b|)', { a: 'x1', b: 'y2' });
    });
  });

  test('an error of one run, a throwing project and an error of the source all end it', () => {
    const errors: unknown[] = [];
    const listen = { error: (error: unknown) => errors.push(error) };
    of('a')
      .pipe(latestByKey(keyOf, () => throwError(() => 'run'), { concurrency: 1 }))
      .subscribe(listen);
    of('a')
      .pipe(
        latestByKey<string, never>(
          keyOf,
          () => {
            throw 'project';
          },
          { concurrency: 1 },
        ),
      )
      .subscribe(listen);
    throwError(() => 'source')
      .pipe(latestByKey(String, () => NEVER, { concurrency: 1 }))
      .subscribe(listen);
    expect(errors).toEqual(['run', 'project', 'source']);
  });

  test('100,000 runs that end at once neither overflow the stack nor take seconds', () => {
    let results = 0;
    const paused$ = new BehaviorSubject(true);
    range(0, 100_000)
      .pipe(latestByKey(String, (value) => of(value), { concurrency: 3, paused$ }))
      .subscribe(() => results++);
    const started = performance.now();
    paused$.next(false);
    expect(results).toBe(100_000);
    expect(performance.now() - started).toBeLessThan(2500);
  });

  test('a value fed back by a result of its own key runs after it, never beside it', () => {
    const source = new Subject<number>();
    const results: number[] = [];
    source
      .pipe(
        latestByKey(
          () => 'k',
          (value) => from([value, value * 10]),
          { concurrency: 5 },
        ),
      )
      .subscribe((value) => {
        results.push(value);
        if (value === 1) source.next(2);
      });
    source.next(1);
    // 10 came from the run that 2 made outdated.
    expect(results).toEqual([1, 2, 20]);
  });

  test('unsubscribing cancels what runs', () => {
    let cancelled = 0;
    const subscription = from(['a', 'b'])
      .pipe(
        latestByKey(
          keyOf,
          () =>
            NEVER.pipe(
              finalize(() => {
                cancelled++;
              }),
            ),
          { concurrency: 2 },
        ),
      )
      .subscribe();
    subscription.unsubscribe();
    expect(cancelled).toBe(2);
  });

  test('for any history: the newest value of every key and no outdated one, within the bound', () => {
    const step = fc.record({
      key: fc.constantFrom('a', 'b', 'c', 'd'),
      wait: fc.integer({ min: 0, max: 4 }),
      takes: fc.integer({ min: 0, max: 6 }),
    });
    const history = fc.array(step, { maxLength: 40 });
    fc.assert(
      fc.property(history, fc.integer({ min: 1, max: 4 }), (steps, concurrency) => {
        const scheduler = new TestScheduler(() => {});
        const given: { key: string; at: number; version: number; takes: number }[] = [];
        let at = 0;
        for (const [version, { key, wait, takes }] of steps.entries()) {
          at += wait;
          given.push({ key, at, version, takes });
        }
        const results: { key: string; version: number; at: number }[] = [];
        let running = 0;
        let most = 0;
        const ended = () => {
          running--;
        };
        scheduler.run(() => {
          const source = new Subject<(typeof given)[number]>();
          source
            .pipe(
              latestByKey(
                ({ key }) => key,
                (value) => {
                  running++;
                  most = Math.max(most, running);
                  return timer(value.takes).pipe(
                    map(() => value),
                    tap({ complete: ended, unsubscribe: ended }),
                  );
                },
                { concurrency },
              ),
            )
            .subscribe(({ key, version }) => results.push({ key, version, at: scheduler.now() }));
          for (const value of given) scheduler.schedule(() => source.next(value), value.at);
        });
        expect(most).toBeLessThanOrEqual(concurrency);
        for (const key of new Set(given.map((value) => value.key))) {
          const newest = given.findLast((value) => value.key === key)!;
          const ofKey = results.filter((result) => result.key === key);
          expect(ofKey.filter(({ version }) => version === newest.version)).toHaveLength(1);
          expect(ofKey.at(-1)!.version).toBe(newest.version);
        }
        for (const { key, version, at } of results) {
          const newer = given.find((value) => value.key === key && value.version > version);
          if (newer) expect(at).toBeLessThanOrEqual(newer.at);
        }
      }),
      { numRuns: 200 },
    );
  });
});
