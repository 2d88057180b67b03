import type { BackendName } from '../events.js';
import type { ChildExit } from './child.js';
import { ComputeFailure, type ComputeInfo } from './compute.js';

/** For all that is asked of what is closed. */
export function closedFailure(): ComputeFailure {
  return new ComputeFailure('COMPUTE_DIED', 'the compute process was closed');
}

/** No rung was usable: of all, or of the backend that was asked for. */
export function noRungFailure(
  backend: 'auto' | BackendName,
  skipped: ComputeInfo['skipped'],
): ComputeFailure {
  if (backend !== 'auto') {
    const reasons = [...new Set(skipped.map(({ reason }) => reason))].join('; ');
    return new ComputeFailure('BACKEND_UNUSABLE', `backend ${backend}: ${reasons}`);
  }
  const reasons = skipped.map((each) => `${each.backend}: ${each.reason}`).join('; ');
  return new ComputeFailure('NO_BACKEND', `no backend is usable (${reasons})`);
}

/**
 * What an unasked-for death is told as.
 *
 * @param hang why the watchdog killed it, if it did
 */
export function deathFailure({ how, lastWords }: ChildExit, hang: string | null): ComputeFailure {
  if (hang !== null) return new ComputeFailure('COMPUTE_HUNG', `the compute process hung: ${hang}`);
  const code = /out of memory|bad_alloc|\bOOM\b|resource exhausted/i.test(lastWords)
    ? 'OUT_OF_MEMORY'
    : 'COMPUTE_DIED';
  const hint = how.includes('SIGKILL') ? " (the system's out-of-memory killer?)" : '';
  const words = lastWords === '' ? '' : `: ${lastWords}`;
  return new ComputeFailure(code, `the compute process was ${how}${hint}${words}`);
}
