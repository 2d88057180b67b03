import { evaluateBySubject } from '../streams/evaluate.js';
import { type Command, computeOptions, logOptions, trainOptions } from './command.js';
import { runFlow } from './run-flow.js';

export const evaluate: Command = {
  name: 'evaluate',
  summary: 'cross-validate by subject on the cache, print the metrics',
  options: ['store', ...computeOptions, ...trainOptions, ...logOptions],
  run: (settings) =>
    runFlow(
      settings,
      { command: 'evaluate', needsCompute: true, needsRaw: false },
      ({ store, compute, emit }) => {
        let isStopped = false;
        return {
          run: async () => {
            const evaluation = await evaluateBySubject(settings, store, compute, emit);
            if (isStopped) return 'interrupted';
            return evaluation === null ? 'failed' : 'done';
          },
          stop: async () => {
            isStopped = true;
            await compute.interrupt();
          },
        };
      },
    ),
};
