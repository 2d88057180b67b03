import { describe, expect, it } from 'vitest';
import { BatchInbox } from '../../../src/compute/child/batch-passes.js';
import type { PairBatch } from '../../../src/compute/compute.js';

const batch = (count: number): PairBatch => ({
  count,
  images: new Uint8Array(),
  masks: new Uint8Array(),
});

async function counts(inbox: BatchInbox): Promise<number[]> {
  const found: number[] = [];
  for await (const { count } of inbox) found.push(count);
  return found;
}

describe('the inbox of a pass', () => {
  it('hands out batches in order, those before and after somebody waits', async () => {
    const inbox = new BatchInbox(() => {});
    inbox.put(batch(1));
    const found = counts(inbox);
    await Promise.resolve();
    inbox.put(batch(2));
    inbox.put(batch(3));
    inbox.end();
    expect(await found).toEqual([1, 2, 3]);
  });

  it('gives a credit back as each batch is taken up, not as it arrives', async () => {
    let credits = 0;
    const inbox = new BatchInbox(() => credits++);
    inbox.put(batch(1));
    inbox.put(batch(2));
    expect(credits).toBe(0);
    const batches = inbox[Symbol.asyncIterator]();
    await batches.next();
    expect(credits).toBe(1);
  });

  it('ends at once when dropped, also for one who waits', async () => {
    const waiting = new BatchInbox(() => {});
    const found = counts(waiting);
    await Promise.resolve();
    waiting.drop();
    expect(await found).toEqual([]);

    const full = new BatchInbox(() => {});
    full.put(batch(1));
    full.drop();
    expect(await counts(full)).toEqual([]);
  });
});
