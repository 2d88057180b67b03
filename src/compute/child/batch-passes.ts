import type { BatchPass, PairBatch } from '../compute.js';
import type { FromCompute } from '../protocol.js';
import { BatchInbox } from './batch-inbox.js';

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
