import { attach as attachTo } from '../attach/attachment.js';
import { socketPathOf } from '../attach/socket-path.js';
import type { Settings } from '../settings/options.js';
import { controlsThat } from '../ui/controls.js';
import { openLogger } from '../ui/open-logger.js';
import { version } from '../version.js';
import { type ExitCode, exitCode } from './exit-code.js';
import { onStopSignals } from './resources/signals.js';

export async function attach(settings: Settings): Promise<ExitCode> {
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
}
