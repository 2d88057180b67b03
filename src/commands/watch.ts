import type { StoppedEvent } from '../events.js';
import { makePipeline } from '../streams/pipeline.js';
import {
  type Command,
  computeOptions,
  folderOptions,
  logOptions,
  retrainOptions,
  successionOptions,
  trainOptions,
} from './command.js';
import { exitCode } from './exit-code.js';
import { onRequestSignals } from './request-signals.js';
import { type Flow, type FlowTask, runFlow } from './run-flow.js';

export const watch: Command = {
  name: 'watch',
  summary: 'watch raw/, train, predict and keep submission.csv current, until stopped (default)',
  options: [
    ...folderOptions,
    'once',
    'strict',
    ...retrainOptions,
    'settle',
    'poll',
    ...computeOptions,
    ...trainOptions,
    ...successionOptions,
    'postProcessing',
    'metrics',
    ...logOptions,
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
      (flow) => {
        const task = pipelineTask(flow, once ? 'once' : 'watch');
        return {
          ...task,
          run: async () => {
            const reason = await task.run();
            failedItems = task.failedItems();
            return reason;
          },
        };
      },
    );
    return once && strict && code === exitCode.done && failedItems > 0 ? exitCode.failed : code;
  },
};

/** The whole pipeline as a task. */
export function pipelineTask(
  { settings, store, compute, emit }: Flow,
  mode: 'watch' | 'once',
): FlowTask & { failedItems(): number } {
  const { catalog, paths } = store;
  const pipeline = makePipeline({ settings, catalog, paths, compute, mode });
  pipeline.events$.subscribe(emit);
  const train = () => pipeline.trainNow();
  const predictAgain = () => pipeline.predictAgain();
  return {
    run: async (): Promise<StoppedEvent['reason']> => {
      const removeSignals = onRequestSignals({ train, predictAgain });
      try {
        const outcome = await pipeline.run();
        return outcome === 'stopped' ? 'interrupted' : outcome;
      } finally {
        removeSignals();
      }
    },
    stop: () => pipeline.stop(),
    pending: () => pipeline.pendingCount,
    controls: {
      pause: (isPaused) => pipeline.pause(isPaused),
      train,
      predictAgain,
      retryFailed: () => pipeline.retryFailed(),
    },
    failedItems: () => pipeline.tally.failed,
  };
}
