import { Subject } from 'rxjs';
import { expect, it } from 'vitest';
import { turns } from '../../src/streams/intake/turns.js';

it('begins one when all before it have ended, or are wanted no more', async () => {
  const inTurn = turns();
  const work = (name: string) => {
    const work$ = new Subject<string>();
    const subscription = inTurn(work$).subscribe();
    const hasBegun = () => work$.observed;
    return { name, work$, subscription, hasBegun };
  };
  const [a, b, c] = ['a', 'b', 'c'].map(work) as [
    ReturnType<typeof work>,
    ReturnType<typeof work>,
    ReturnType<typeof work>,
  ];
  const now = async () => {
    await new Promise(setImmediate);
    return [a, b, c].filter(({ hasBegun }) => hasBegun()).map(({ name }) => name);
  };
  expect(await now()).toEqual(['a']);
  b.subscription.unsubscribe();
  expect(await now()).toEqual(['a']);
  a.work$.complete();
  expect(await now()).toEqual(['c']);
  c.work$.complete();
  expect(await now()).toEqual([]);
});
