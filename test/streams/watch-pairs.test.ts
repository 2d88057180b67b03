import { TestScheduler } from 'rxjs/testing';
import { expect, test } from 'vitest';
import { whenQuiet } from '../../src/streams/effects/watch-pairs.js';

/** Marbles: n news; t and f busy or not; q quiet for 5 ms and free. */
function quietAfter(news: string, busy: string, expected: string): void {
  const scheduler = new TestScheduler((actual, wanted) => expect(actual).toEqual(wanted));
  scheduler.run(({ cold, expectObservable }) => {
    const isBusy$ = cold(busy, { t: true, f: false });
    const quiet$ = whenQuiet(cold(news), isBusy$, () => 5, scheduler);
    expectObservable(quiet$, '50ms !').toBe(expected, { q: true });
  });
}

test('at once where nothing is going on', () => {
  quietAfter('---', 'f', 'q');
});

test('again once there has been no news for a while', () => {
  quietAfter('--n--n---n', 'f', 'q 13ms q');
});

test('not while something is busy, but as soon as it is done', () => {
  quietAfter('--n', 't 19ms f', '20ms q');
});

test('news while it is busy put it off until they are quiet too', () => {
  quietAfter('10ms n', 't 11ms f', '15ms q');
});

test('constant news never are', () => {
  quietAfter('n--n--n--n--n--n--n--n--n--n--n--n--n--n--n--n--n', '-f', '');
});
