import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { GreyRange } from '../../formats/grey-values.js';
import type { ReadingSettings } from '../../formats/reading-settings.js';
import type { GridSize } from '../../operators/image.js';
import { openFile } from '../../operators/open-file.js';
import { type FusedResize, resizeCoded } from '../../operators/resize-coded.js';
import { fail, ok, type Result } from '../../operators/result.js';
import type { CodedImage, ImageFile, OpenedFile } from '../../operators/source-image.js';
import type {
  FrameAnswer,
  OpenedAnswer,
  PixelAnswer,
  PixelTask,
  ReadAnswer,
} from './pixel-thread.js';

/** Compiled beside this file. */
const compiled = fileURLToPath(new URL('./pixel-thread.js', import.meta.url));
const mostThreads = 4;
/** Threads without work for this long end: their memory is worth more than their start. */
const idleMs = 10_000;

/** Read again, it goes another way. */
const bytesLost = fail('BYTES_LOST', 'the thread that had the file ended');

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
  private openFiles = 0;
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

  /**
   * Opens a file that the main thread would take too long to decode; it stays with the thread that
   * opened it until it is closed.
   */
  async open(
    { kind, bytes, cut = null }: ImageFile,
    maxPixels: number,
    reading: Partial<ReadingSettings>,
  ): Promise<Result<OpenedFile>> {
    if (!this.isUsable) return await openFile({ kind, bytes, cut }, maxPixels, reading);
    const thread = this.leastBusy();
    // Of a shared buffer it gets a copy; else they move, and are never in two places.
    const isOwn = bytes.length === bytes.buffer.byteLength;
    const image = { kind, bytes: isOwn ? bytes : new Uint8Array(bytes), cut };
    const task = { type: 'open', image, maxPixels, reading } as const;
    const answer = (await this.ask(task, thread)) as OpenedAnswer | null;
    if (answer === null) return bytesLost;
    if (!answer.file.ok) return answer.file;
    const { number: file, notes } = answer.file.value;
    this.openFiles++;
    const read = async (number: number, range?: GreyRange | null) => {
      const frame = await this.ask({ type: 'frame', file, number, range }, thread);
      return (frame as FrameAnswer | null)?.frame ?? bytesLost;
    };
    const close = () => {
      this.openFiles--;
      void this.ask({ type: 'close', file }, thread);
    };
    return ok({ notes, read, close });
  }

  /** How much is asked at once is for the caller to bound. */
  private async ask(task: PixelTask, of?: Thread): Promise<PixelAnswer | null> {
    if (!this.isUsable) return null;
    clearTimeout(this.ending);
    const { worker, waiting } = of ?? this.leastBusy();
    return await new Promise((settle) => {
      if (waiting.push(settle) === 1) worker.ref();
      this.inHand++;
      worker.postMessage(task, movedWith(task));
    });
  }

  /** The one with the least to do. */
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
      const isIdle = this.inHand === 0 && this.openFiles === 0;
      if (isIdle) this.ending = setTimeout(() => this.endIdle(), idleMs).unref();
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
    this.openFiles = 0;
    for (const { worker, waiting } of given) {
      void worker.terminate();
      for (const settle of waiting) settle(null);
    }
  }
}

/** Bytes that leave with a task. */
function movedWith(task: PixelTask): ArrayBuffer[] {
  return task.type === 'resize' || task.type === 'open' ? [task.image.bytes.buffer] : [];
}
