import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { GridSize } from '../../operators/image.js';
import { type FusedResize, resizeCoded } from '../../operators/resize-coded.js';
import type { CodedImage } from '../../operators/source-image.js';
import type { PixelAnswer, PixelTask, ReadAnswer } from './pixel-thread.js';

/** Compiled beside this file. */
const compiled = fileURLToPath(new URL('./pixel-thread.js', import.meta.url));
const mostThreads = 4;
/** Threads without work for this long end: their memory is worth more than their start. */
const idleMs = 10_000;

type Settle = (answer: PixelAnswer | null) => void;

interface Thread {
  readonly worker: Worker;
  /** Who waits for it, in the order in which it answers. */
  readonly waiting: Settle[];
}

/**
 * Reads, hashes, decodes and resizes files on other threads, for when many come at once: the main
 * one has enough to do with what becomes of them. Never keeps the process alive by itself.
 */
export class PixelThreads {
  private threads: Thread[] = [];
  private inHand = 0;
  private isUsable: boolean;
  private ending: NodeJS.Timeout | undefined;

  constructor(
    private readonly most = Math.min(mostThreads, availableParallelism()),
    private readonly module = compiled,
  ) {
    this.isUsable = existsSync(module);
  }

  /** A file's bytes and their hash; null where there is no thread for it. */
  async read(path: string): Promise<ReadAnswer | null> {
    return (await this.ask({ type: 'read', path })) as ReadAnswer | null;
  }

  /** Resizes an image whose bytes a thread has read. Those move there, and back where they are none for it. */
  readonly resize = async (image: CodedImage, size: GridSize): Promise<FusedResize> => {
    if (!image.isMovable) return resizeCoded(image, size);
    if (!this.isUsable) return { type: 'left', image };
    const answer = await this.ask({ type: 'resize', image, size });
    return (answer as FusedResize | null) ?? { type: 'lost' };
  };

  /** Of the thread with the least to do; how much is asked at once is for the caller to bound. */
  private async ask(task: PixelTask): Promise<PixelAnswer | null> {
    if (!this.isUsable) return null;
    clearTimeout(this.ending);
    const { worker, waiting } = this.leastBusy();
    return await new Promise((settle) => {
      if (waiting.push(settle) === 1) worker.ref();
      this.inHand++;
      worker.postMessage(task, task.type === 'resize' ? [task.image.bytes.buffer] : []);
    });
  }

  private leastBusy(): Thread {
    const least = this.threads.reduce<Thread | null>(
      (best, each) => (best !== null && best.waiting.length <= each.waiting.length ? best : each),
      null,
    );
    const isBusy = least === null || least.waiting.length > 0;
    return isBusy && this.threads.length < this.most ? this.startThread() : least!;
  }

  private startThread(): Thread {
    const worker = new Worker(this.module);
    const thread: Thread = { worker, waiting: [] };
    worker.on('message', (answer: PixelAnswer) => {
      const settle = thread.waiting.shift()!;
      if (thread.waiting.length === 0) worker.unref();
      this.inHand--;
      if (this.inHand === 0) this.ending = setTimeout(() => this.endIdle(), idleMs).unref();
      settle(answer);
    });
    // Out of memory, or it cannot be started here at all: things go on without.
    worker.on('error', () => this.giveUp());
    this.threads.push(thread);
    return thread;
  }

  private endIdle(): void {
    for (const { worker } of this.threads.splice(0)) void worker.terminate();
  }

  private giveUp(): void {
    this.isUsable = false;
    const given = this.threads.splice(0);
    this.inHand = 0;
    for (const { worker, waiting } of given) {
      void worker.terminate();
      for (const settle of waiting) settle(null);
    }
  }
}
