import { type Observable, Subject } from 'rxjs';
import type { PipelineEvent } from '../events.js';
import type { Controls } from '../ui/controls.js';
import { type LoggerSettings, openLogger } from '../ui/open-logger.js';

/** The one stream of events and whoever reads it. */
export interface Reporting {
  readonly events$: Observable<PipelineEvent>;
  emit(event: PipelineEvent): void;
  /** Ends the stream and resolves when all of it has been shown. */
  close(): Promise<void>;
}

/** Dashboard on a terminal, plain log elsewhere, NDJSON when asked for. */
export async function startReporting(
  settings: LoggerSettings,
  controls: Controls,
): Promise<Reporting> {
  const events = new Subject<PipelineEvent>();
  const logger = await openLogger(events, settings, controls);
  return {
    events$: events.asObservable(),
    emit: (event) => events.next(event),
    close: async () => {
      events.complete();
      logger.close();
      await logger.done;
    },
  };
}
