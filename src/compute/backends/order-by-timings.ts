import type { GridSize } from '../../operators/image.js';
import type { BackendTiming, BackendTimings } from '../../store/backend-timings.js';
import type { BackendCandidate } from './candidate.js';

/** A network as timings know it: what decides how long a step takes. */
export function networkName(recipe: string, { height, width }: GridSize): string {
  return `${recipe} ${height}x${width}`;
}

/**
 * The candidates for `--backend auto`: first those timed for this network on this machine, fastest first,
 * then the others in their own order. Without such timings, all in their own order.
 */
export function orderByTimings(
  candidates: readonly BackendCandidate[],
  timings: BackendTimings | null,
  machine: string,
  network: string,
): readonly BackendCandidate[] {
  const found = timings?.machine === machine ? timings.networks[network] : undefined;
  if (!found) return candidates;
  const timed = found
    .toSorted((a, b) => a.stepMs - b.stepMs)
    .flatMap(({ rung }) => candidates.filter(({ name }) => name === rung));
  return [...timed, ...candidates.filter((candidate) => !timed.includes(candidate))];
}

/** For people, e.g. `wasm 180 ms, onednn 240 ms`. */
export function timingsText(timings: readonly BackendTiming[]): string {
  return timings
    .toSorted((a, b) => a.stepMs - b.stepMs)
    .map(({ rung, stepMs }) => `${rung} ${stepMs.toFixed(stepMs < 10 ? 1 : 0)} ms`)
    .join(', ');
}
