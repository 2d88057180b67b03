import type { BatchPass, PairBatch } from '../compute.js';
import type { FromCompute } from '../protocol.js';

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

/** The compute process's end of the batch stream: pulls one pass over the data after the other. */
export class BatchPasses {
  /** Of the pass under way. */
  private inbox: BatchInbox | null = null;
  private lastPass = 0;

  constructor(private readonly send: (message: FromCompute) => void) {}

  /** One pass; ends early when `interrupted` fires. */
  async *pull(
    training: number,
    what: BatchPass,
    interrupted: AbortSignal,
  ): AsyncGenerator<PairBatch, void, undefined> {
    const pass = ++this.lastPass;
    const inbox = new BatchInbox(() => this.send({ type: 'credit', pass }));
    const drop = () => inbox.drop();
    this.inbox = inbox;
    interrupted.addEventListener('abort', drop);
    try {
      this.send({ type: 'pull', training, pass, what });
      if (!interrupted.aborted) yield* inbox;
    } finally {
      interrupted.removeEventListener('abort', drop);
      this.inbox = null;
      this.send({ type: 'pass-dropped', pass });
    }
  }

  /** Where batches of this pass go; null for one that is over. */
  inboxOf(pass: number): BatchInbox | null {
    return pass === this.lastPass ? this.inbox : null;
  }
}
