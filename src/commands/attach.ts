import { concat, of } from 'rxjs';
import { type Attachment, attach as attachTo } from '../attach/attachment.js';
import { socketPathOf } from '../attach/socket-path.js';
import type { Settings } from '../settings/options.js';
import { chooseLogger } from '../ui/choose-logger.js';
import { logJson } from '../ui/log/json-log.js';
import { logPlain } from '../ui/log/plain-log.js';
import type { Command } from './command.js';
import { logOptions } from './command.js';
import { type ExitCode, exitCode } from './exit-code.js';
import type { ViewSettings } from './reporting.js';
import { onStopSignal } from './stop-signal.js';
import { version } from './version.js';

export const attach: Command = {
  name: 'attach',
  summary: 'look at a nerveflow that runs elsewhere on this machine (in tmux, as a service)',
  details:
    'Any number may look on, also in a pipe (--plain, --json). Leaving stops nothing; only with\n--control do the keys ask the program for anything.',
  options: ['store', 'control', ...logOptions],
  async run({ store, control, json, plain, ascii, pictures }): Promise<ExitCode> {
    const attachment = await attachTo(socketPathOf(store), version);
    const removeSignals = onStopSignal(() => attachment.close());
    try {
      await show(attachment, { control, json, plain, ascii, pictures });
    } finally {
      removeSignals();
      attachment.close();
    }
    return exitCode.done;
  },
};

type ShowOptions = ViewSettings & Pick<Settings, 'control'>;

async function show(attachment: Attachment, options: ShowOptions) {
  const { control, ascii, pictures, ...view } = options;
  const { stdout, stdin, env } = process;
  const isTTY = stdout.isTTY && stdin.isTTY;
  const { events, hello } = attachment;
  const { ready } = hello.state;
  // Who reads lines is told first what is being worked with, as always.
  const fromStart = ready === null ? events : concat(of(ready), events);
  const log = { out: stdout, onBroken: () => attachment.close() };
  switch (chooseLogger({ ...view, isTTY, env })) {
    case 'json':
      return logJson(fromStart, log).done;
    case 'plain':
      return logPlain(fromStart, log).done;
    case 'dashboard': {
      const { renderDashboard } = await import('../ui/dashboard/dashboard.js');
      return renderDashboard({
        events,
        stdout,
        stdin,
        env,
        pictures,
        ...(ascii && { ascii }),
        attached: { to: `process ${hello.pid} (${hello.command})`, control, state: hello.state },
        commands: {
          quit: () => attachment.close(),
          pause: (paused) => attachment.ask({ type: 'pause', paused }),
          train: () => attachment.ask({ type: 'train' }),
          predictAgain: () => attachment.ask({ type: 'predict-again' }),
          retryFailed: () => attachment.ask({ type: 'retry-failed' }),
        },
      }).waitUntilExit();
    }
  }
}
