import { attach as attachTo } from '../attach/attachment.js';
import { socketPathOf } from '../attach/socket-path.js';
import { controlsThat } from '../ui/controls.js';
import { openLogger } from '../ui/open-logger.js';
import type { Command } from './command.js';
import { logOptions } from './command.js';
import { type ExitCode, exitCode } from './exit-code.js';
import { onStopSignal } from './stop-signal.js';
import { version } from './version.js';

export const attach: Command = {
  name: 'attach',
  summary: 'look at a nerveflow that runs elsewhere on this machine (in tmux, as a service)',
  details:
    'Any number may look on, also in a pipe (--plain, --json). Leaving stops nothing; only with\n--control do the keys ask the program for anything.',
  options: ['store', 'control', ...logOptions],
  async run(settings): Promise<ExitCode> {
    const attachment = await attachTo(socketPathOf(settings.store), version);
    const removeSignals = onStopSignal(() => attachment.close());
    try {
      const { hello, events, ask, close } = attachment;
      const to = `process ${hello.pid} (${hello.command})`;
      const logger = await openLogger(events, settings, controlsThat(ask, close), {
        to,
        control: settings.control,
        state: hello.state,
      });
      await logger.done;
    } finally {
      removeSignals();
      attachment.close();
    }
    return exitCode.done;
  },
};
