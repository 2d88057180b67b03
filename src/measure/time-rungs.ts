import { type Compute, ComputeFailure } from '../compute/compute.js';
import { ComputeProcess } from '../compute/compute-process.js';
import type { RungReport } from '../compute/probe.js';
import type { Rung } from '../compute/rung.js';
import type { Settings } from '../settings/options.js';
import type { BackendTiming } from '../store/backend-timings.js';
import { benchTrain } from './bench-compute.js';

const defaultBatchSize = 32;

/** Plain JavaScript takes minutes a step, and is only there to compare with. */
const neverTimed: readonly string[] = ['cpu'];

export interface TimedRungs {
  readonly timings: readonly BackendTiming[];
  readonly failed: readonly { readonly rung: string; readonly message: string }[];
}

/**
 * Times some training steps of the network that the settings name on every usable rung, one after the
 * other. What fails at it is not timed, and told.
 */
export async function timeRungs(
  settings: Settings,
  reports: readonly RungReport[],
  rungs: readonly Rung[],
  makeCompute: (rung: Rung) => Compute = (rung) =>
    new ComputeProcess({ ...settings, backend: 'auto' }, { rungs: [rung] }),
): Promise<TimedRungs> {
  const timings: BackendTiming[] = [];
  const failed: { rung: string; message: string }[] = [];
  for (const report of reports) {
    const rung = rungs.find(({ name }) => name === report.rung);
    if (!report.usable || !rung || neverTimed.includes(rung.name)) continue;
    const compute = makeCompute(rung);
    try {
      const batchSize = settings.batchSize ?? defaultBatchSize;
      const { stepMs } = await benchTrain(compute, { ...settings, batchSize });
      const { device, version } = report;
      timings.push({ rung: rung.name, device, version, stepMs: stepMs.median });
    } catch (error) {
      if (!(error instanceof ComputeFailure)) throw error;
      failed.push({ rung: rung.name, message: error.message });
    } finally {
      await compute.close();
    }
  }
  return { timings, failed };
}
