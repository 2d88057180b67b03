import type { PipelineEvent } from '../events.js';
import type { Settings } from '../settings/options.js';
import { takeInOnce } from '../streams/intake/take-in-once.js';
import { Tally } from '../streams/tally.js';
import { type ExitCode, strictExitCode } from './exit-code.js';
import { runFlow } from './run-flow.js';

export async function ingest(settings: Settings): Promise<ExitCode> {
  const tally = new Tally();
  const code = await runFlow(
    settings,
    { command: 'ingest', needsCompute: false, needsRaw: true },
    async ({ store: { catalog, paths }, emit, stopping }) => {
      const take = (event: PipelineEvent) => {
        tally.add(event);
        emit(event);
      };
      const outcome = await takeInOnce({ settings, catalog, paths }, take, stopping);
      if (outcome === 'interrupted') return outcome;
      const pending = [...catalog.samplesOf('test')].filter(
        ({ id }) => !catalog.predictions.has(id),
      );
      emit(tally.caughtUp(pending.length, false));
      return 'done';
    },
  );
  return strictExitCode(code, settings.strict, tally.failed);
}
