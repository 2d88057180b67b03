import { predictOnce } from '../streams/prediction/predict-once.js';
import { type Command, computeKeys, logKeys } from './command.js';
import { runFlow } from './run-flow.js';

export const predict: Command = {
  name: 'predict',
  summary: 'predict what is stale in the cache with the best model, write submission.csv, exit',
  options: ['store', ...computeKeys, 'postProcessing', ...logKeys],
  run: (settings) =>
    runFlow(
      settings,
      { command: 'predict', needsCompute: true, needsRaw: false },
      async ({ store: { catalog, paths }, compute, emit, stopping }) => {
        const outcome = await predictOnce({ settings, catalog, paths, compute, emit }, stopping);
        if (outcome !== 'no-model') return outcome;
        const message = `${paths.root} has no model for this --size. Run nerveflow train first.`;
        emit({ type: 'notice', level: 'error', code: 'NO_MODEL', message });
        return 'failed';
      },
    ),
};
