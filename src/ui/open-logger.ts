import { concat, type Observable, of } from 'rxjs';
import type { PipelineEvent } from '../events.js';
import { chooseLogger } from './choose-logger.js';
import type { Controls } from './controls.js';
import type { DashboardOptions } from './dashboard/dashboard.js';
import { logJson } from './log/json-log.js';
import type { Logger } from './log/logger.js';
import { logPlain } from './log/plain-log.js';
import type { PictureWish } from './pictures/picture-protocol.js';

export interface LoggerSettings {
  readonly json: boolean;
  readonly plain: boolean;
  readonly ascii: boolean;
  readonly pictures: PictureWish;
}

/**
 * Tells the events on this process' terminal or pipe: a dashboard on a terminal, a plain log
 * elsewhere, NDJSON when asked for. A reader that went away asks to quit.
 */
export async function openLogger(
  events: Observable<PipelineEvent>,
  { json, plain, ascii, pictures }: LoggerSettings,
  controls: Controls,
  attached?: NonNullable<DashboardOptions['attached']>,
): Promise<Logger> {
  const { stdout, stdin, env } = process;
  const isTTY = stdout.isTTY && stdin.isTTY;
  const lines = { out: stdout, onBroken: () => controls.quit() };
  // Who reads lines is told first what is being worked with, as always.
  const ready = attached?.state.ready ?? null;
  const fromStart = ready === null ? events : concat(of(ready), events);
  switch (chooseLogger({ json, plain, isTTY, env })) {
    case 'json':
      return logJson(fromStart, lines);
    case 'plain':
      return logPlain(fromStart, lines);
    case 'dashboard': {
      // Ink and React are loaded only where somebody looks.
      const { renderDashboard } = await import('./dashboard/dashboard.js');
      const dashboard = renderDashboard({
        events,
        stdout,
        stdin,
        commands: controls,
        env,
        pictures,
        ...(ascii && { ascii }),
        ...(attached && { attached }),
      });
      return { done: dashboard.waitUntilExit(), close: () => dashboard.unmount() };
    }
  }
}
