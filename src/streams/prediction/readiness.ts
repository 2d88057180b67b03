import { ComputeFailure } from '../../compute/compute.js';
import type { ServedModel } from './served-model.js';

/** The model that predicts, and what keeps it from that. */
export type Readiness =
  | { readonly is: 'nothing' }
  | { readonly is: 'ready'; readonly model: ServedModel }
  /** An attempt failed: tried again with the next look at all images. */
  | { readonly is: 'refused'; readonly model: ServedModel }
  /** It cannot be read: another model has to come. */
  | { readonly is: 'unreadable'; readonly model: ServedModel };

/** Whatever was refused is tried again. */
export function tryAgain(readiness: Readiness): Readiness {
  return readiness.is === 'refused' ? { is: 'ready', model: readiness.model } : readiness;
}

/** The store did not take some of the images. */
export function storeRefused(readiness: Readiness): Readiness {
  return readiness.is === 'ready' ? { is: 'refused', model: readiness.model } : readiness;
}

/** A whole batch failed: the model cannot be read, the compute process went away, or the like. */
export function batchFailed(readiness: Readiness, by: ServedModel, error: Error): Readiness {
  if (!isUnreadable(error)) return storeRefused(readiness);
  // Another one serves already, or it is known.
  const isNews =
    readiness.is !== 'nothing' && readiness.is !== 'unreadable' && readiness.model === by;
  return isNews ? { is: 'unreadable', model: by } : readiness;
}

export function isUnreadable(error: Error): boolean {
  return error instanceof ComputeFailure && error.code === 'MODEL_UNREADABLE';
}
