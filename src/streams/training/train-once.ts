import { lastValueFrom, tap } from 'rxjs';
import type { PipelineEvent } from '../../events.js';
import { makeCacheToModel, type TrainingContext, type TrainingOutcome } from '../cache-to-model.js';

/** Trains on what is in the cache now, whether or not that is due. */
export async function trainOnce(
  context: TrainingContext,
  emit: (event: PipelineEvent) => void,
): Promise<TrainingOutcome> {
  const signals$ = makeCacheToModel(context)({ isRequested: true });
  const last = await lastValueFrom(
    signals$.pipe(
      tap((signal) => {
        if (signal.type === 'event') emit(signal.event);
      }),
    ),
  );
  if (last.type !== 'ended') throw new Error('a training ended without an outcome');
  return last.outcome;
}
