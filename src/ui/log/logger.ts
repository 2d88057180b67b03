import type { Writable } from 'node:stream';

/** A reader of the event stream that writes; the plain log and `--json` are such. */
export interface Logger {
  /** Resolves when the events ended (or `close` was called) and all is handed to the stream. */
  readonly done: Promise<void>;
  /** Says what is still held back and reads no more events. Safe to call twice. */
  close(): void;
}

export interface LoggerOptions {
  readonly out: Writable;
  /**
   * The reader went away (`nerveflow --json | head -1`): nothing can be told any more. Without
   * it the log just falls silent; the pipeline goes on.
   */
  readonly onBroken?: (error: Error) => void;
}
