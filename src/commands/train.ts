import type { StoppedEvent } from '../events.js';
import { recipes } from '../model/recipe.js';
import { Trainer } from '../streams/trainer.js';
import { LEAST_PAIRS } from '../streams/training-plan.js';
import {
  type Command,
  computeOptions,
  logOptions,
  successionOptions,
  trainOptions,
} from './command.js';
import { runFlow } from './run-flow.js';

export const train: Command = {
  name: 'train',
  summary: 'train on the cache, exit; goes on from an interrupted training or from the best model',
  details: `Recipes:\n${Object.values(recipes)
    .map(({ name, summary }) => `  ${name.padEnd(10)}${summary}`)
    .join('\n')}`,
  options: [
    'store',
    ...computeOptions,
    ...trainOptions,
    ...successionOptions,
    'metrics',
    ...logOptions,
  ],
  run: (settings) =>
    runFlow(
      settings,
      { command: 'train', needsCompute: true, needsRaw: false, servesMetrics: true },
      ({ store, compute, emit }) => {
        const { catalog, paths } = store;
        const trainer = new Trainer({ catalog, compute, settings, modelsFolder: paths.models });
        let reason: StoppedEvent['reason'] = 'done';
        trainer.events$.subscribe((event) => {
          if (event.type === 'train.failed') reason = 'failed';
          if (event.type === 'train.interrupted') reason = 'interrupted';
          emit(event);
        });
        return {
          run: async () => {
            const decision = await trainer.trainIfNeeded({ isRequested: true });
            if (!decision.train) {
              const message = `The cache of ${paths.root} holds too few pairs to train on; at least ${LEAST_PAIRS} are needed. Run nerveflow ingest first.`;
              emit({ type: 'notice', level: 'error', code: 'TOO_FEW_PAIRS', message });
              return 'failed';
            }
            return reason;
          },
          stop: () => trainer.interrupt(),
        };
      },
    ),
};
