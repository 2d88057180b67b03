import { lastValueFrom } from 'rxjs';
import { makeCacheToModel, type TrainingContext, type TrainingOutcome } from '../cache-to-model.js';

/** Trains on what is in the cache now, whether or not that is due. */
export async function trainOnce(context: TrainingContext): Promise<TrainingOutcome> {
  const last = await lastValueFrom(makeCacheToModel(context)({ isRequested: true }));
  if (last.type !== 'ended') throw new Error('a training ended without an outcome');
  return last.outcome;
}
