import type { BackendName } from '../../events.js';
import { ComputeFailure, type ComputeInfo } from '../compute.js';
import type { ChildExit } from './start-child.js';

/** For all that is asked of what is closed. */
export function closedFailure(): ComputeFailure {
  return new ComputeFailure('COMPUTE_DIED', 'the compute process was closed');
}

/** No candidate was usable: of all, or of the backend that was asked for. */
export function noBackendFailure(
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

const lessMemory = 'a lower --batch-size or --size needs less';

/** As V8, C++, WebAssembly, oneDNN, CUDA and WebGPU say it. */
const outOfMemory =
  /out[ _-]of[ _-]memory|bad_alloc|\bOOM\b|resource exhausted|allocation failed|(could not|cannot|unable to|failed to) (allocate|grow)|ENOMEM/i;

/**
 * What an unasked-for death is told as.
 *
 * @param silentMs how long nothing was heard before the watchdog killed it, if it did
 */
export function deathFailure(
  { how, lastWords }: ChildExit,
  silentMs: number | null,
): ComputeFailure {
  if (silentMs !== null) {
    const silence = `no sign of life for ${Math.round(silentMs / 1000)} s`;
    return new ComputeFailure('COMPUTE_HUNG', `the compute process hung: ${silence}`);
  }
  const words = lastWords === '' ? '' : `: ${lastWords.replaceAll(/\n\s*/g, '; ')}`;
  if (outOfMemory.test(lastWords)) {
    const message = `the compute process ran out of memory; ${lessMemory} (it was ${how}${words})`;
    return new ComputeFailure('OUT_OF_MEMORY', message);
  }
  const hint = how.includes('SIGKILL')
    ? ` (by the system's out-of-memory killer? Then ${lessMemory})`
    : '';
  return new ComputeFailure('COMPUTE_DIED', `the compute process was ${how}${hint}${words}`);
}
