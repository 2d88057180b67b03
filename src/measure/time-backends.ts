import type { BackendCandidate } from '../compute/backends/candidate.js';
import type { CandidateReport } from '../compute/backends/probe-backends.js';
import { type Compute, ComputeFailure } from '../compute/compute.js';
import { ComputeProcess } from '../compute/parent/compute-process.js';
import type { Settings } from '../settings/options.js';
import type { BackendTiming } from '../store/backend-timings.js';
import { benchTrain } from './bench-compute.js';

const defaultBatchSize = 32;

/** Plain JavaScript takes minutes a step, and is only there to compare with. */
const neverTimed: readonly string[] = ['cpu'];

export interface TimedBackends {
  readonly timings: readonly BackendTiming[];
  readonly failed: readonly { readonly candidate: string; readonly message: string }[];
}

/**
 * Times some training steps of the network that the settings name on every usable candidate, one after the
 * other. What fails at it is not timed, and told.
 */
export async function timeBackends(
  settings: Settings,
  reports: readonly CandidateReport[],
  candidates: readonly BackendCandidate[],
  makeCompute: (candidate: BackendCandidate) => Compute = (candidate) =>
    new ComputeProcess({ ...settings, backend: 'auto' }, { candidates: [candidate] }),
): Promise<TimedBackends> {
  const timings: BackendTiming[] = [];
  const failed: { candidate: string; message: string }[] = [];
  for (const report of reports) {
    const candidate = candidates.find(({ name }) => name === report.rung);
    if (!report.usable || !candidate || neverTimed.includes(candidate.name)) continue;
    const compute = makeCompute(candidate);
    try {
      const batchSize = settings.batchSize ?? defaultBatchSize;
      const { stepMs } = await benchTrain(compute, { ...settings, batchSize });
      const { device, version } = report;
      timings.push({ rung: candidate.name, device, version, stepMs: stepMs.median });
    } catch (error) {
      if (!(error instanceof ComputeFailure)) throw error;
      failed.push({ candidate: candidate.name, message: error.message });
    } finally {
      await compute.close();
    }
  }
  return { timings, failed };
}
