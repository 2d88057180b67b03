import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { PixelRecord } from '../store/records.js';
import type { PixelTask } from './pixel-thread.js';

/** Compiled beside this file. */
const module = fileURLToPath(new URL('./pixel-thread.js', import.meta.url));
const MOST_THREADS = 4;
/** Threads without work for this long end: their memory is worth more than their start. */
const IDLE_MS = 10_000;

interface Waiting {
  readonly task: PixelTask;
  readonly settle: (made: PixelRecord | null) => void;
}

/**
 * Decodes and resizes plain TIFFs on other threads, for when many come at once: the main one has
 * enough to do with reading, hashing and writing them. Never keeps the process alive by itself.
 */
export class PixelThreads {
  private readonly idle: Worker[] = [];
  private readonly busy = new Map<Worker, Waiting>();
  private readonly waiting: Waiting[] = [];
  private isUsable = existsSync(module);
  private ending: NodeJS.Timeout | undefined;

  constructor(private readonly most = Math.min(MOST_THREADS, availableParallelism())) {}

  /** Null where the file has to be decoded by whoever asks. */
  async make(task: PixelTask): Promise<PixelRecord | null> {
    if (!this.isUsable) return null;
    return await new Promise((settle) => {
      this.waiting.push({ task, settle });
      this.startNext();
    });
  }

  private startNext(): void {
    clearTimeout(this.ending);
    while (this.waiting.length > 0) {
      const worker = this.idle.pop() ?? this.startThread();
      if (worker === null) return;
      const next = this.waiting.shift()!;
      this.busy.set(worker, next);
      worker.ref();
      worker.postMessage(next.task);
    }
    if (this.busy.size > 0) return;
    this.ending = setTimeout(() => this.endIdle(), IDLE_MS).unref();
  }

  private startThread(): Worker | null {
    if (this.busy.size + this.idle.length >= this.most) return null;
    const worker = new Worker(module);
    worker.on('message', (made: PixelRecord | null) => {
      const { settle } = this.busy.get(worker)!;
      this.busy.delete(worker);
      worker.unref();
      this.idle.push(worker);
      settle(made);
      this.startNext();
    });
    // Out of memory, or it cannot be started here at all: things go on without.
    worker.on('error', () => this.giveUp());
    return worker;
  }

  private endIdle(): void {
    for (const worker of this.idle.splice(0)) void worker.terminate();
  }

  private giveUp(): void {
    this.isUsable = false;
    this.endIdle();
    for (const [worker, { settle }] of this.busy) {
      settle(null);
      void worker.terminate();
    }
    this.busy.clear();
    for (const { settle } of this.waiting.splice(0)) settle(null);
  }
}
