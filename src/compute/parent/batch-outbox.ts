import type { GridSize } from '../../operators/image.js';
import type { BatchSource, PairBatch } from '../compute.js';
import { creditsPerPass, type ToCompute } from '../protocol.js';

/** The program's end of one pass over the data: sends its batches, never more than there are credits. */
export class BatchOutbox {
  private credits = creditsPerPass;
  private stopped = false;
  private wake = () => {};

  constructor(
    readonly pass: number,
    private readonly send: (message: ToCompute) => void,
  ) {}

  /** Until the source ends or `stop`; rejects with what the source throws before that. */
  async sendAll(open: () => ReturnType<BatchSource>, size: GridSize): Promise<void> {
    try {
      // The loop's `return` and a throw both call the iterator's `return`: the source may clean up.
      for await (const batch of open()) {
        if (this.stopped) return;
        checkBatch(batch, size);
        while (this.credits === 0 && !this.stopped) {
          await new Promise<void>((resolve) => {
            this.wake = resolve;
          });
        }
        if (this.stopped) return;
        this.credits--;
        this.send({ type: 'batch', pass: this.pass, batch });
      }
    } catch (error) {
      if (!this.stopped) throw error;
    }
    if (!this.stopped) this.send({ type: 'pass-end', pass: this.pass });
  }

  /** One more batch may be sent. */
  addCredit(): void {
    this.credits++;
    this.wake();
  }

  stop(): void {
    this.stopped = true;
    this.wake();
  }
}

/** A batch of another size would be a crash in native code at worst. */
function checkBatch({ count, images, masks }: PairBatch, { height, width }: GridSize): void {
  const pixels = count * height * width;
  if (count > 0 && images.length === pixels && masks.length === pixels) return;
  throw new RangeError(
    `a batch of ${count} images ${height}x${width} has ${images.length} and ${masks.length} pixels`,
  );
}
