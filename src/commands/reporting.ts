import { type Observable, Subject } from 'rxjs';
import type { PipelineEvent } from '../events.js';
import type { Settings } from '../settings/options.js';
import { chooseLogger } from '../ui/choose-logger.js';
import { logJson } from '../ui/log/json-log.js';
import { logPlain } from '../ui/log/plain-log.js';

/** What a person can ask of a running program, by key. */
export interface Controls {
  quit(): void;
  pause(isPaused: boolean): void;
  train(): void;
  predictAgain(): void;
  retryFailed(): void;
}

/** The one stream of events and whoever reads it. */
export interface Reporting {
  readonly events$: Observable<PipelineEvent>;
  emit(event: PipelineEvent): void;
  /** Ends the stream and resolves when all of it has been shown. */
  close(): Promise<void>;
}

export type ViewSettings = Pick<Settings, 'json' | 'plain' | 'ascii' | 'pictures'>;

/** Dashboard on a terminal, plain log elsewhere, NDJSON when asked for. */
export async function startReporting(
  settings: ViewSettings,
  controls: Controls,
): Promise<Reporting> {
  const events = new Subject<PipelineEvent>();
  const finished = await attachReader(events, settings, controls);
  return {
    events$: events.asObservable(),
    emit: (event) => events.next(event),
    close: async () => {
      events.complete();
      await finished();
    },
  };
}

async function attachReader(
  events: Observable<PipelineEvent>,
  { json, plain, ascii, pictures }: ViewSettings,
  controls: Controls,
): Promise<() => Promise<void>> {
  const { stdout, stdin, env } = process;
  const isTTY = stdout.isTTY && stdin.isTTY;
  const options = { out: stdout, onBroken: () => controls.quit() };
  switch (chooseLogger({ json, plain, isTTY, env })) {
    case 'json': {
      const log = logJson(events, options);
      return () => log.done;
    }
    case 'plain': {
      const log = logPlain(events, options);
      return () => log.done;
    }
    case 'dashboard': {
      // Ink and React are loaded only where somebody looks.
      const { renderDashboard } = await import('../ui/dashboard/dashboard.js');
      const dashboard = renderDashboard({
        events,
        stdout,
        stdin,
        commands: controls,
        env,
        pictures,
        ...(ascii && { ascii }),
      });
      return async () => {
        dashboard.unmount();
        await dashboard.waitUntilExit();
      };
    }
  }
}
