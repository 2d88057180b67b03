import { ComputeFailure } from '../../compute/compute.js';
import type { ServedModel } from './served-model.js';

/** The model that predicts, and what keeps it from that. */
export type Serving =
  | { readonly is: 'nothing' }
  | { readonly is: 'ready'; readonly model: ServedModel }
  /** An attempt failed: tried again with the next look at all images. */
  | { readonly is: 'refused'; readonly model: ServedModel }
  /** It cannot be read: another model has to come. */
  | { readonly is: 'unreadable'; readonly model: ServedModel };

/** Whatever was refused is tried again. */
export function tryAgain(serving: Serving): Serving {
  return serving.is === 'refused' ? { is: 'ready', model: serving.model } : serving;
}

/** The store did not take some of the images. */
export function storeRefused(serving: Serving): Serving {
  return serving.is === 'ready' ? { is: 'refused', model: serving.model } : serving;
}

/** A whole batch failed: the model cannot be read, the compute process went away, or the like. */
export function batchFailed(serving: Serving, by: ServedModel, error: Error): Serving {
  if (!isUnreadable(error)) return storeRefused(serving);
  // Another one serves already, or it is known.
  const isNews = serving.is !== 'nothing' && serving.is !== 'unreadable' && serving.model === by;
  return isNews ? { is: 'unreadable', model: by } : serving;
}

export function isUnreadable(error: Error): boolean {
  return error instanceof ComputeFailure && error.code === 'MODEL_UNREADABLE';
}
