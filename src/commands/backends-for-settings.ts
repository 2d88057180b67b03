import type { BackendCandidate } from '../compute/backends/candidate.js';
import { backendCandidates } from '../compute/backends/candidates.js';
import { machineName } from '../compute/backends/machine-name.js';
import { networkName, orderByTimings } from '../compute/backends/order-by-timings.js';
import type { Settings } from '../settings/options.js';
import { readBackendTimings } from '../store/backend-timings.js';
import { version } from '../version.js';

/** The backend candidates as `doctor --bench` has ordered them for these settings, or in their own order. */
export async function candidatesForSettings(
  settings: Settings,
): Promise<readonly BackendCandidate[]> {
  const timings = await readBackendTimings(settings.store);
  const machine = machineName(version, settings, backendCandidates);
  return orderByTimings(
    backendCandidates,
    timings,
    machine,
    networkName(settings.recipe, settings.size),
  );
}
