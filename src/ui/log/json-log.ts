import type { Observable } from 'rxjs';
import { isForEyes, isSample } from '../../events/predicates.js';
import type { PipelineEvent } from '../../events.js';
import { LineWriter, type LoggerOptions } from './line-writer.js';
import { type Logger, logWith } from './logger.js';

/**
 * `--json`: each event as one line of JSON, nothing else. A number that is not finite becomes
 * null (as JSON.stringify has it). When the reader is slow, events wait in memory; only those
 * that a later one of their kind replaces (`stages`, `train.step`) are dropped then. What only
 * eyes are for (`preview`, `system`) is left out.
 */
export function logJson(events: Observable<PipelineEvent>, options: LoggerOptions): Logger {
  const writer = new LineWriter(options);
  return logWith(events, writer, {
    take(event) {
      if (!isForEyes(event)) writer.write(JSON.stringify(event), isSample(event));
    },
    end() {},
  });
}
