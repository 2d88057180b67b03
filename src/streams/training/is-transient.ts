import type { ComputeFailure } from '../../compute/compute.js';

/** Whether a training that failed with this code may succeed at another time: the fault is not in its data. */
export function isTransient(code: string): boolean {
  switch (code as ComputeFailure['code']) {
    case 'NO_BACKEND':
    case 'BACKEND_UNUSABLE':
    case 'COMPUTE_DIED':
    case 'COMPUTE_HUNG':
    case 'OUT_OF_MEMORY':
    case 'CHECKPOINT_NOT_WRITTEN':
      return true;
    case 'MODEL_UNREADABLE':
    case 'START_UNUSABLE':
    case 'LOSS_NOT_FINITE':
      return false;
    default:
      // LevelDB's codes and the system's: ENOSPC, EROFS, EMFILE and the like.
      return /^(LEVEL_\w+|E[A-Z]+)$/.test(code);
  }
}

/** Of whatever a training threw. */
export function failureOf(error: unknown): { readonly code: string; readonly message: string } {
  const { code = 'TRAINING_FAILED', message } = error as Error & { code?: string };
  return { code, message };
}
