import type { Observable } from 'rxjs';
import type { PipelineEvent } from '../../events.js';
import type { LineWriter } from './line-writer.js';

/** Who tells people, or another program, what happens: a reader of the event stream. */
export interface Logger {
  /** Resolves when the events ended (or `close` was called) and all is handed to the stream. */
  readonly done: Promise<void>;
  /** Says what is still held back and reads no more events. Safe to call twice. */
  close(): void;
}

/** What a log does with events; `end` says what is still held back, and may be called twice. */
export interface LineLog {
  take(event: PipelineEvent): void;
  end(): void;
}

/** A logger that writes lines. */
export function logWith(
  events: Observable<PipelineEvent>,
  writer: LineWriter,
  log: LineLog,
): Logger {
  let finish!: () => void;
  const ended = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const end = (): void => {
    log.end();
    finish();
  };
  const subscription = events.subscribe({
    next: (event) => log.take(event),
    // The stream's own failure is for the program to report; the log only ends.
    error: end,
    complete: end,
  });
  return {
    done: ended.then(() => writer.flushed()),
    close() {
      subscription.unsubscribe();
      end();
    },
  };
}
