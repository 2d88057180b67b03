import { type Observable, Subject } from 'rxjs';
import type { PipelineEvent } from '../events.js';
import type { Settings } from '../settings/options.js';

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
  emit(event: PipelineEvent): void;
  /** Ends the stream and resolves when all of it has been shown. */
  close(): Promise<void>;
}

/** Dashboard on a terminal, plain log elsewhere, NDJSON when asked for. */
export async function startReporting(
  settings: Pick<Settings, 'json' | 'plain'>,
  controls: Controls,
): Promise<Reporting> {
  const events = new Subject<PipelineEvent>();
  const finished = await attachReader(events, settings, controls);
  return {
    emit: (event) => events.next(event),
    close: async () => {
      events.complete();
      await finished();
    },
  };
}

async function attachReader(
  events: Observable<PipelineEvent>,
  { json, plain }: Pick<Settings, 'json' | 'plain'>,
  controls: Controls,
): Promise<() => Promise<void>> {
  const { stdout, stdin, env } = process;
  const onBroken = () => controls.quit();
  if (json) {
    const { logJson } = await import('../ui/json-log.js');
    const log = logJson(events, { out: stdout, onBroken });
    return () => log.done;
  }
  if (plain || !stdout.isTTY || !stdin.isTTY || isSet(env.CI)) {
    const { logPlain } = await import('../ui/plain-log.js');
    const log = logPlain(events, { out: stdout, onBroken });
    return () => log.done;
  }
  // Ink and React are loaded only where somebody looks.
  const { renderDashboard } = await import('../ui/dashboard.js');
  const dashboard = renderDashboard({ events, stdout, stdin, commands: controls, env });
  return async () => {
    dashboard.unmount();
    await dashboard.waitUntilExit();
  };
}

function isSet(variable: string | undefined): boolean {
  return variable !== undefined && variable !== '' && variable !== 'false' && variable !== '0';
}
