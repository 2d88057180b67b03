import { ladder } from '../compute/ladder.js';
import { machineName, networkName, orderByTimings } from '../compute/measured-ladder.js';
import type { Rung } from '../compute/rung.js';
import type { Settings } from '../settings/options.js';
import { readBackendTimings } from '../store/backend-timings.js';
import { version } from './version.js';

/** The ladder as `doctor --bench` has ordered it for these settings, or as it is. */
export async function ladderFor(settings: Settings): Promise<readonly Rung[]> {
  const timings = await readBackendTimings(settings.store);
  const machine = machineName(version, settings, ladder);
  return orderByTimings(ladder, timings, machine, networkName(settings.recipe, settings.size));
}
