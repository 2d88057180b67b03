import type { Observable } from 'rxjs';
import { isForEyes, isSample } from '../../events/predicates.js';
import type { PipelineEvent } from '../../events.js';
import { LineWriter } from './line-writer.js';
import type { Logger, LoggerOptions } from './logger.js';

/**
 * `--json`: each event as one line of JSON, nothing else. A number that is not finite becomes
 * null (as JSON.stringify has it). When the reader is slow, events wait in memory; only those
 * that a later one of their kind replaces (`stages`, `train.step`) are dropped then. What only
 * eyes are for (`preview`, `system`) is left out.
 */
export function logJson(events: Observable<PipelineEvent>, options: LoggerOptions): Logger {
  const writer = new LineWriter(options);
  let finish!: () => void;
  const ended = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const subscription = events.subscribe({
    next: (event) => {
      if (isForEyes(event)) return;
      writer.write(JSON.stringify(event), isSample(event));
    },
    // The stream's own failure is for the program to report; the log only ends.
    error: finish,
    complete: finish,
  });
  return {
    done: ended.then(() => writer.flushed()),
    close() {
      subscription.unsubscribe();
      finish();
    },
  };
}
