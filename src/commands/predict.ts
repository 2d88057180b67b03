import { BehaviorSubject, filter, firstValueFrom } from 'rxjs';
import { ModelRegistry } from '../store/model-registry.js';
import type { PredictionPause } from '../streams/coordinator/state.js';
import { modelToSubmission } from '../streams/model-to-submission.js';
import { findCurrentModel } from '../streams/prediction/find-current-model.js';
import { servedModel } from '../streams/prediction/served-model.js';
import { Tally } from '../streams/tally.js';
import { type Command, computeOptions, logOptions } from './command.js';
import { runFlow } from './run-flow.js';

export const predict: Command = {
  name: 'predict',
  summary: 'predict what is stale in the cache with the best model, write submission.csv, exit',
  options: ['store', ...computeOptions, 'postProcessing', ...logOptions],
  run: (settings) =>
    runFlow(
      settings,
      { command: 'predict', needsCompute: true, needsRaw: false },
      ({ store, compute, emit }) => {
        const { catalog, paths } = store;
        const tally = new Tally();
        const pauses$ = new BehaviorSubject<readonly PredictionPause[]>([]);
        const predictor = modelToSubmission({
          settings,
          catalog,
          paths,
          compute,
          pauses$,
          emit: (event) => {
            tally.add(event);
            emit(event);
          },
        });
        const registry = new ModelRegistry(paths.models);
        const unreadable: { readonly folder: string; readonly why: string }[] = [];
        predictor.unreadable$.subscribe((model) => unreadable.push(model));
        let isStopped = false;
        return {
          run: async () => {
            let current = await findCurrentModel(registry, settings, emit);
            while (current !== null) {
              predictor.serve(servedModel(current, settings));
              await firstValueFrom(predictor.busy$.pipe(filter((isBusy) => !isBusy)));
              if (isStopped) return 'interrupted';
              const refused = unreadable.pop();
              if (refused === undefined) {
                emit(tally.caughtUp(predictor.pendingCount, false));
                return predictor.isStuck ? 'failed' : 'done';
              }
              registry.markUnusable(refused.folder, refused.why);
              current = await findCurrentModel(registry, settings, emit);
            }
            const message = `${paths.root} has no model for this --size. Run nerveflow train first.`;
            emit({ type: 'notice', level: 'error', code: 'NO_MODEL', message });
            return 'failed';
          },
          stop: async () => {
            isStopped = true;
            pauses$.next(['stopping']);
          },
        };
      },
    ),
};
