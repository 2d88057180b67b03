import type { StoppedEvent } from '../events.js';
import type { Settings } from '../settings/options.js';
import { makePipeline } from '../streams/pipeline.js';
import { type ExitCode, strictExitCode } from './exit-code.js';
import { onRequestSignals } from './resources/signals.js';
import { type Flow, runFlow } from './run-flow.js';

export async function watch(settings: Settings): Promise<ExitCode> {
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
      servesPage: true,
    },
    async (flow) => {
      const ran = await runPipeline(flow, once ? 'once' : 'watch');
      failedItems = ran.failedItems;
      return ran.reason;
    },
  );
  return strictExitCode(code, once && strict, failedItems);
}

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
    changeModel: (request) => pipeline.changeModel(request),
    pending: () => pipeline.pendingCount,
  });
  using _signals = onRequestSignals(requests);
  stopping.addEventListener('abort', () => void pipeline.stop());
  const outcome = await pipeline.run();
  const reason = outcome === 'stopped' ? 'interrupted' : outcome;
  return { reason, failedItems: pipeline.tally.failed };
}
