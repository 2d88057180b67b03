import { filter, firstValueFrom } from 'rxjs';
import { makePredictor, servedModel } from '../streams/prediction/make-predictor.js';
import { Tally } from '../streams/tally.js';
import { Trainer } from '../streams/training/trainer.js';
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
        const predictor = makePredictor(settings, catalog, paths, compute);
        predictor.events$.subscribe((event) => {
          tally.add(event);
          emit(event);
        });
        const trainer = new Trainer({ catalog, compute, settings, modelsFolder: paths.models });
        trainer.events$.subscribe(emit);
        const unreadable: { readonly folder: string; readonly why: string }[] = [];
        predictor.unreadable$.subscribe((model) => unreadable.push(model));
        let isStopped = false;
        return {
          run: async () => {
            let standing = await trainer.standingModel();
            while (standing !== null) {
              predictor.serve(servedModel(standing, settings));
              await firstValueFrom(predictor.busy$.pipe(filter((isBusy) => !isBusy)));
              if (isStopped) return 'interrupted';
              const refused = unreadable.pop();
              if (refused === undefined) {
                emit(tally.caughtUp(predictor.pendingCount, false));
                return predictor.isStuck ? 'failed' : 'done';
              }
              standing = await trainer.standingModelInsteadOf(refused.folder, refused.why);
            }
            const message = `${paths.root} has no model for this --size. Run nerveflow train first.`;
            emit({ type: 'notice', level: 'error', code: 'NO_MODEL', message });
            return 'failed';
          },
          stop: async () => {
            isStopped = true;
            predictor.hold('stopping', true);
          },
        };
      },
    ),
};
