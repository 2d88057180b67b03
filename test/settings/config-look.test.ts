import { TestScheduler } from 'rxjs/testing';
import { describe, expect, test } from 'vitest';
import { type ConfigLook, settledLooks } from '../../src/settings/config-look.js';

const there = (text: string): ConfigLook => ({ state: 'there', text });
const values: Record<string, ConfigLook> = {
  o: there('{"epochs":1}'),
  h: there('{"epo'),
  e: there(''),
  n: there('{"epochs":2}'),
  m: { state: 'missing' },
  u: { state: 'unreadable', error: new Error('EACCES') },
};

describe('a file that is looked at again and again', () => {
  test.each([
    ['is told once while it stays the same', 'ooooo', '-o---'],
    ['is told when another is there twice', 'oonnnn', '-o-n--'],
    ['is not told half written', 'oohnnn', '-o--n-'],
    ['is not told empty, as an editor leaves it for a moment', 'ooenn', '-o--n'],
    ['is not missed when an editor deletes it first', 'oommnn', '-o-m-n'],
    ['is not told missing in between', 'oomnn', '-o--n'],
    ['is no news when it is as it was', 'oonooo', '-o----'],
    ['may appear', 'mmmnn', '-m--n'],
    ['may go', 'nnmm', '-n-m'],
    ['may be unreadable, and is told once', 'nnuuuun', '-n-u---'],
  ])('%s', (_, looks, told) => {
    new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(
      ({ hot, expectObservable }) => {
        expectObservable(settledLooks(hot(looks, values))).toBe(told, values);
      },
    );
  });
});
