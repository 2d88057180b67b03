import type { Stats } from 'node:fs';
import { TestScheduler } from 'rxjs/testing';
import { expect, test, vi } from 'vitest';
import {
  type SettledPath,
  waitUntilUnchanged,
} from '../../src/streams/intake/wait-until-unchanged.js';

/** What stat says, from a time on. */
type Seen = Partial<Pick<Stats, 'size' | 'mtimeMs' | 'ctimeMs' | 'ino'>> & { isFolder?: boolean };
type Timeline = readonly (readonly [from: number, seen: Seen | NodeJS.ErrnoException])[];

const noEntry = Object.assign(new Error('no such file'), { code: 'ENOENT' });
const denied = Object.assign(new Error('permission denied'), { code: 'EACCES' });
const settleMs = 100;
const folder: Timeline = [[0, { isFolder: true }]];

/** Settles `test/1.tif` from 1000 on, in virtual time; resolves with the result and when it came. */
async function settleIn(files: Record<string, Timeline>, attempt = 0) {
  const scheduler = new TestScheduler(() => {});
  let now = 1000;
  scheduler.now = () => now;
  const results: { result: SettledPath; at: number }[] = [];
  const statFile = async (path: string): Promise<Stats> => {
    const timeline = files[path.replace('/raw/', '')] ?? [[0, noEntry]];
    const seen = timeline.findLast(([from]) => from <= now)![1];
    if (seen instanceof Error) throw seen;
    const usual = { size: 10, mtimeMs: 1, ctimeMs: 990, ino: 1 };
    return { ...usual, ...seen, isFile: () => !seen.isFolder } as unknown as Stats;
  };
  // The scheduler's own clock: one tick a millisecond, promises settled in between.
  const actions: { at: number; work: () => void }[] = [];
  const virtual = {
    now: () => now,
    schedule(
      work: (this: { schedule(): void }, state?: unknown) => void,
      delay = 0,
      state?: unknown,
    ) {
      const action = { at: now + delay, work: () => work.call({ schedule: () => {} }, state) };
      actions.push(action);
      return { unsubscribe: () => actions.splice(actions.indexOf(action), 1) };
    },
  };
  const subscription = waitUntilUnchanged(
    { path: 'test/1.tif', attempt },
    { raw: '/raw', settleMs, statFile, scheduler: virtual as never },
  ).subscribe((result) => results.push({ result, at: now }));
  for (; now < 5000 && results.length === 0; now++) {
    for (const action of actions.filter(({ at }) => at <= now)) {
      actions.splice(actions.indexOf(action), 1);
      action.work();
    }
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  }
  subscription.unsubscribe();
  return results[0] ? { ...results[0].result, at: results[0].at } : null;
}

test('a file whose inode has been left alone for long enough is there at once', async () => {
  const settled = await settleIn({ 'test/1.tif': [[0, { ctimeMs: 900 }]] });
  expect(settled).toMatchObject({ type: 'present', at: 1000, stamp: { size: 10, ctimeMs: 900 } });
});

test('an old modification time alone says nothing: a copy sets it', async () => {
  const settled = await settleIn({ 'test/1.tif': [[0, { mtimeMs: 1, ctimeMs: 950 }]] });
  expect(settled).toMatchObject({ type: 'present', at: 1100 });
});

test('a growing file is waited for until it has stayed the same for the settle time', async () => {
  const growing: Timeline = Array.from({ length: 6 }, (_, nth) => [
    nth === 0 ? 0 : 1000 + nth * 60,
    { size: 10 + nth },
  ]);
  const settled = await settleIn({ 'test/1.tif': growing });
  // Last growth at 1300, seen unchanged at 1300 and 1400.
  expect(settled).toMatchObject({ type: 'present', at: 1400, stamp: { size: 15 } });
});

test('a swap by delete and add is one file, the new one', async () => {
  const settled = await settleIn({
    'test/1.tif': [
      [0, noEntry],
      [1050, { ino: 2, ctimeMs: 1050 }],
    ],
  });
  expect(settled).toMatchObject({ type: 'present', stamp: { ctimeMs: 1050 } });
});

test('another inode with the same size and time is another file', async () => {
  const settled = await settleIn({
    'test/1.tif': [
      [0, { ino: 1 }],
      [1050, { ino: 2 }],
    ],
  });
  expect(settled).toMatchObject({ type: 'present', at: 1200 });
});

test('gone when its folder is there, out of reach when that is gone too', async () => {
  expect(await settleIn({ test: folder })).toMatchObject({ type: 'gone', at: 1100 });
  expect(await settleIn({})).toMatchObject({ type: 'unreachable', folder: '/raw/test', at: 1100 });
});

test('what cannot be looked at, and what is no file, is a failure that says so', async () => {
  expect(await settleIn({ 'test/1.tif': [[0, denied]] })).toMatchObject({
    type: 'failed',
    failure: { code: 'UNREADABLE' },
    seen: null,
  });
  expect(await settleIn({ 'test/1.tif': [[0, { isFolder: true }]] })).toMatchObject({
    type: 'failed',
    failure: { code: 'NOT_A_FILE' },
    seen: { size: 10 },
  });
});

test('a file found incomplete is waited for longer each time, however old its inode', async () => {
  const old = { 'test/1.tif': [[0, { ctimeMs: 0 }]] } as const;
  expect(await settleIn(old, 1)).toMatchObject({ at: 1200, attempt: 1 });
  expect(await settleIn(old, 2)).toMatchObject({ at: 1400, attempt: 2 });
});

test('unsubscribing ends the looking', async () => {
  vi.useFakeTimers();
  try {
    let looks = 0;
    const statFile = async () => {
      looks++;
      return { size: looks, mtimeMs: 1, ctimeMs: Date.now(), ino: 1, isFile: () => true } as Stats;
    };
    const results: SettledPath[] = [];
    const subscription = waitUntilUnchanged(
      { path: 'test/1.tif', attempt: 0 },
      { raw: '/raw', settleMs, statFile },
    ).subscribe((result) => results.push(result));
    await vi.advanceTimersByTimeAsync(1000);
    const before = looks;
    expect(before).toBeGreaterThan(5);
    subscription.unsubscribe();
    await vi.advanceTimersByTimeAsync(1000);
    expect(looks - before).toBeLessThanOrEqual(1);
    expect(results).toEqual([]);
  } finally {
    vi.useRealTimers();
  }
});
