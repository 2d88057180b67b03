import { concatMap, ignoreElements, map, merge, tap } from 'rxjs';
import { findCurrentModel } from '../prediction/find-current-model.js';
import { servedModel } from '../prediction/served-model.js';
import { commandsTo, type Effect } from './effect.js';

/** Finds the model that is to predict, at the start or in place of one that cannot be read, and serves it. */
export const serveModel: Effect = ({ commands$, predictor, registry, settings, emit }) =>
  merge(
    commandsTo(commands$, 'find-model').pipe(
      concatMap(async ({ insteadOf }) => {
        if (insteadOf !== null) registry.markUnreadable(insteadOf.folder, insteadOf.why);
        return await registry.inTurn(() => findCurrentModel(registry, settings, emit));
      }),
      map((model) => ({ type: 'model-found', model }) as const),
    ),
    merge(
      commandsTo(commands$, 'serve').pipe(
        tap(({ model }) => predictor.serve(servedModel(model, settings))),
      ),
      commandsTo(commands$, 'predict-again').pipe(tap(() => predictor.predictAgain())),
    ).pipe(ignoreElements()),
  );
