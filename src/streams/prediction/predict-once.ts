import { BehaviorSubject, filter, firstValueFrom } from 'rxjs';
import type { Settings } from '../../settings/options.js';
import { ModelRegistry } from '../../store/model-registry.js';
import type { StorePaths } from '../../store/store-paths.js';
import type { PredictionPause } from '../coordinator/state.js';
import { modelToSubmission, type PredictionContext } from '../model-to-submission.js';
import { Tally } from '../tally.js';
import { findCurrentModel } from './find-current-model.js';
import { servedModel } from './served-model.js';

export interface PredictOnceContext extends Omit<PredictionContext, 'pauses$'> {
  readonly settings: Settings;
  readonly paths: StorePaths;
}

/**
 * Predicts what is stale in the cache with the best model that can be read. Stopped, it finishes
 * the batch in hand.
 */
export async function predictOnce(
  context: PredictOnceContext,
  stopping: AbortSignal,
): Promise<'done' | 'failed' | 'interrupted' | 'no-model'> {
  const { settings, paths, emit } = context;
  const tally = new Tally();
  const pauses$ = new BehaviorSubject<readonly PredictionPause[]>([]);
  const predictor = modelToSubmission({
    ...context,
    pauses$,
    emit: (event) => {
      tally.add(event);
      emit(event);
    },
  });
  stopping.addEventListener('abort', () => pauses$.next(['stopping']));
  const registry = new ModelRegistry(paths.models);
  const unreadable: { readonly folder: string; readonly why: string }[] = [];
  predictor.unreadable$.subscribe((model) => unreadable.push(model));
  let current = await findCurrentModel(registry, settings, emit);
  while (current !== null) {
    predictor.serve(servedModel(current, settings));
    await firstValueFrom(predictor.busy$.pipe(filter((isBusy) => !isBusy)));
    if (stopping.aborted) return 'interrupted';
    const refused = unreadable.pop();
    if (refused === undefined) {
      emit(tally.caughtUp(predictor.pendingCount, false));
      return predictor.isStuck ? 'failed' : 'done';
    }
    registry.markUnreadable(refused.folder, refused.why);
    current = await findCurrentModel(registry, settings, emit);
  }
  return 'no-model';
}
