import { VirtualTimeScheduler } from 'rxjs';
import { describe, expect, test } from 'vitest';
import type { PipelineEvent } from '../../src/events.js';
import { StoreRefusals } from '../../src/streams/store-refusals.js';
import { caughtUp, failed, ingested } from '../support/events.js';

const full = 'the disk of the store is full; it is tried again by itself';
const refused = (number: number) =>
  failed({ path: `test/${number}.tif`, stage: 'cache', code: 'DISK_FULL', message: full });

/** Sends each event at its virtual millisecond; what it said, with the time. */
function said(timeline: readonly (readonly [number, PipelineEvent])[]): string[] {
  const scheduler = new VirtualTimeScheduler();
  const lines: string[] = [];
  const refusals = new StoreRefusals((event) => {
    if (event.type === 'notice') lines.push(`${scheduler.now()} ${event.code} ${event.message}`);
  }, scheduler);
  for (const [at, event] of timeline) scheduler.schedule(() => refusals.add(event), at);
  scheduler.flush();
  refusals.close();
  return lines;
}

describe('a store that refuses', () => {
  test('is told once with how many wait, and once when it takes writes again', () => {
    const refusals = Array.from({ length: 300 }, (_, n) => [n, refused(n)] as const);
    const later = Array.from({ length: 5 }, (_, n) => [40_000 + n, refused(300 + n)] as const);
    expect(said([...refusals, ...later, [90_000, ingested('1', 'test')]])).toEqual([
      `1000 STORE_REFUSES 300 items could not be stored: ${full}`,
      '92000 STORE_TAKES_AGAIN the store takes writes again; 305 items had to wait',
    ]);
  });

  test('is told anew when it happens anew', () => {
    expect(
      said([
        [0, refused(1)],
        [5000, ingested('1', 'test')],
        [60_000, refused(2)],
      ]),
    ).toEqual([
      `1000 STORE_REFUSES 1 item could not be stored: ${full}`,
      '7000 STORE_TAKES_AGAIN the store takes writes again; 1 item had to wait',
      `61000 STORE_REFUSES 1 item could not be stored: ${full}`,
    ]);
  });

  test('has not recovered while some writes go through and others do not', () => {
    expect(
      said([
        [0, refused(1)],
        [5000, ingested('2', 'test')],
        [6000, refused(3)],
        [7000, ingested('cached', 'test', 'cached')],
      ]),
    ).toEqual([`1000 STORE_REFUSES 1 item could not be stored: ${full}`]);
  });

  test('is told before a run says that it has caught up, and at its end', () => {
    expect(
      said([
        [0, refused(1)],
        [10, caughtUp()],
      ]),
    ).toEqual([`10 STORE_REFUSES 1 item could not be stored: ${full}`]);
    expect(said([[0, failed()]])).toEqual([]);
  });
});
