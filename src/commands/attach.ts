import { attach as attachTo } from '../attach/attachment.js';
import { socketPathOf } from '../attach/socket-path.js';
import { controlsThat } from '../ui/controls.js';
import { openLogger } from '../ui/open-logger.js';
import { version } from '../version.js';
import { type Command, logKeys } from './command.js';
import { exitCode } from './exit-code.js';
import { onStopSignals } from './resources/stop-signals.js';

export const attach: Command = {
  name: 'attach',
  summary: 'look at a nerveflow that runs elsewhere on this machine (in tmux, as a service)',
  details:
    'Any number may look on, also in a pipe (--plain, --json). Leaving stops nothing; only with\n--control do the keys ask the program for anything.',
  options: ['store', 'control', ...logKeys],
  async run(settings) {
    const attachment = await attachTo(socketPathOf(settings.store), version);
    const { hello, events, ask, close } = attachment;
    using _signals = onStopSignals(close);
    try {
      const attached = {
        to: `process ${hello.pid} (${hello.command})`,
        control: settings.control,
        state: hello.state,
      };
      const logger = await openLogger(events, settings, controlsThat(ask, close), attached);
      await logger.done;
    } finally {
      close();
    }
    return exitCode.done;
  },
};
