import type { StoppedEvent } from '../events.js';
import { makePipeline } from '../streams/pipeline.js';
import {
  type Command,
  computeKeys,
  continuationKeys,
  folderKeys,
  logKeys,
  retrainingKeys,
  trainingKeys,
} from './command.js';
import { strictExitCode } from './exit-code.js';
import { onRequestSignals } from './resources/request-signals.js';
import { type Flow, runFlow } from './run-flow.js';

export const watch: Command = {
  name: 'watch',
  summary: 'watch raw/, train, predict and keep submission.csv current, until stopped (default)',
  options: [
    ...folderKeys,
    'once',
    'strict',
    ...retrainingKeys,
    'settle',
    'poll',
    ...computeKeys,
    ...trainingKeys,
    ...continuationKeys,
    'postProcessing',
    'metrics',
    ...logKeys,
  ],
  details:
    'While it runs: kill -USR1 <pid> predicts everything again, kill -USR2 <pid> trains now.',
  async run(settings) {
    const { once, strict } = settings;
    let failedItems = 0;
    const code = await runFlow(
      settings,
      {
        command: 'watch',
        needsCompute: true,
        needsRaw: true,
        // A single run says first what it runs on.
        beginsAtOnce: !once,
        servesMetrics: true,
      },
      async (flow) => {
        const ran = await runPipeline(flow, once ? 'once' : 'watch');
        failedItems = ran.failedItems;
        return ran.reason;
      },
    );
    return strictExitCode(code, once && strict, failedItems);
  },
};

/** The whole pipeline, until it has nothing left to do or is stopped. */
export async function runPipeline(
  { settings, store, compute, stopping, emit, offer }: Flow,
  mode: 'watch' | 'once',
): Promise<{ readonly reason: StoppedEvent['reason']; readonly failedItems: number }> {
  const { catalog, paths } = store;
  const pipeline = makePipeline({ settings, catalog, paths, compute, mode });
  pipeline.events$.subscribe(emit);
  const requests = {
    train: () => pipeline.trainNow(),
    predictAgain: () => pipeline.predictAgain(),
  };
  offer({
    ...requests,
    pause: (isPaused) => pipeline.pause(isPaused),
    retryFailed: () => pipeline.retryFailed(),
    pending: () => pipeline.pendingCount,
  });
  using _signals = onRequestSignals(requests);
  stopping.addEventListener('abort', () => void pipeline.stop());
  const outcome = await pipeline.run();
  const reason = outcome === 'stopped' ? 'interrupted' : outcome;
  return { reason, failedItems: pipeline.tally.failed };
}
