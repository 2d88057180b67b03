import type { PipelineEvent } from '../events.js';
import { takeInOnce } from '../streams/intake/take-in-once.js';
import { Tally } from '../streams/tally.js';
import { type Command, folderOptions, logOptions } from './command.js';
import { exitCode } from './exit-code.js';
import { runFlow } from './run-flow.js';

export const ingest: Command = {
  name: 'ingest',
  summary: 'fill the cache from raw/, exit',
  options: [...folderOptions, 'size', 'threads', 'settle', 'strict', ...logOptions],
  async run(settings) {
    const tally = new Tally();
    const code = await runFlow(
      settings,
      { command: 'ingest', needsCompute: false, needsRaw: true },
      ({ store, emit }) => {
        const { catalog, paths } = store;
        const stopping = new AbortController();
        return {
          run: async () => {
            const take = (event: PipelineEvent) => {
              tally.add(event);
              emit(event);
            };
            const outcome = await takeInOnce({ settings, catalog, paths }, take, stopping.signal);
            if (outcome === 'interrupted') return outcome;
            const pending = [...catalog.samplesOf('test')].filter(
              ({ id }) => !catalog.predictions.has(id),
            ).length;
            emit(tally.caughtUp(pending, false));
            return 'done';
          },
          stop: async () => stopping.abort(),
        };
      },
    );
    return settings.strict && code === exitCode.done && tally.failed > 0 ? exitCode.failed : code;
  },
};
