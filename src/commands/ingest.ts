import { makeIntake } from '../streams/intake/make-intake.js';
import { scanFolder } from '../streams/intake/scan-folder.js';
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
        const signals$ = scanFolder(settings.raw);
        const intake = makeIntake(settings, catalog, paths, { signals$, reconcileEveryMs: 0 });
        let isStopped = false;
        return {
          run: async () => {
            await takeInOnce(intake, (event) => {
              tally.add(event);
              emit(event);
            });
            if (isStopped) return 'interrupted';
            const pending = [...catalog.samplesOf('test')].filter(
              ({ id }) => !catalog.predictions.has(id),
            ).length;
            emit(tally.caughtUp(pending, false));
            return 'done';
          },
          stop: async () => {
            isStopped = true;
            intake.abandon();
          },
        };
      },
    );
    return settings.strict && code === exitCode.done && tally.failed > 0 ? exitCode.failed : code;
  },
};
