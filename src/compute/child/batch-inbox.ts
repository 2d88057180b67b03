import type { PairBatch } from '../compute.js';

/**
 * The compute process's end of one pass over the data: batches arrive by message and are taken one
 * by one. `taken` is called for each, so that a credit goes back and the next one may come.
 */
export class BatchInbox implements AsyncIterable<PairBatch> {
  private readonly batches: PairBatch[] = [];
  private ended = false;
  private wake: (() => void) | null = null;

  constructor(private readonly taken: () => void) {}

  put(batch: PairBatch): void {
    this.batches.push(batch);
    this.wake?.();
  }

  /** No more will come; what waits is still handed out. */
  end(): void {
    this.ended = true;
    this.wake?.();
  }

  /** Ends at once; what waits is dropped. */
  drop(): void {
    this.batches.length = 0;
    this.end();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<PairBatch> {
    for (;;) {
      const batch = this.batches.shift();
      if (batch) {
        this.taken();
        yield batch;
      } else if (this.ended) {
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
        this.wake = null;
      }
    }
  }
}
