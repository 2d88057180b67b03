import type { Writable } from 'node:stream';

export interface LoggerOptions {
  readonly out: Writable;
  /**
   * The reader went away (`nerveflow --json | head -1`): nothing can be told any more. Without
   * it the log just falls silent; the pipeline goes on.
   */
  readonly onBroken?: (error: Error) => void;
}

/** With this many lines waiting for a slow reader, memory is worth more than another sample. */
const crowded = 256;

/**
 * Writes lines in order and no faster than they are read. A reader that went away (EPIPE) is
 * reported once; after it every line is dropped.
 */
export class LineWriter {
  private readonly out: Writable;
  private readonly onBroken: (error: Error) => void;
  private held: string[] = [];
  private blocked = false;
  private broken = false;
  private whenEmpty: (() => void)[] = [];

  constructor({ out, onBroken }: LoggerOptions) {
    this.out = out;
    this.onBroken = onBroken ?? (() => {});
    out.on('error', this.fail);
    out.on('drain', this.drain);
  }

  /** `sample`: a later line of its kind makes it worthless, so it may be dropped when many wait. */
  write(line: string, sample = false): void {
    if (this.broken) return;
    if (!this.blocked) {
      this.push(line);
      return;
    }
    if (sample && this.held.length >= crowded) return;
    this.held.push(line);
  }

  /** Resolves when every line was handed over, at once if the reader went away. */
  async flushed(): Promise<void> {
    if (!this.broken && (this.blocked || this.held.length > 0)) {
      await new Promise<void>((resolve) => this.whenEmpty.push(resolve));
    }
    this.out.off('drain', this.drain);
    // The error listener stays: an EPIPE may come after the last write, and must not throw then.
  }

  private push(line: string): void {
    try {
      this.blocked = !this.out.write(`${line}\n`);
    } catch (error) {
      this.fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  private drain = (): void => {
    this.blocked = false;
    const held = this.held;
    this.held = [];
    for (const [index, line] of held.entries()) {
      this.push(line);
      if (this.blocked) {
        this.held = held.slice(index + 1);
        break;
      }
    }
    if (!this.blocked) this.release();
  };

  private fail = (error: Error): void => {
    if (this.broken) return;
    this.broken = true;
    this.blocked = false;
    this.held = [];
    this.release();
    this.onBroken(error);
  };

  private release(): void {
    const waiting = this.whenEmpty;
    this.whenEmpty = [];
    for (const resolve of waiting) resolve();
  }
}
