import { availableParallelism } from 'node:os';
import type { BackendName } from '../../events.js';
import { type StartChild, startChild } from '../parent/start-child.js';
import type {
  BackendCandidate,
  BackendSettings,
  CandidateName,
  LoadedBackend,
  Unusable,
} from './candidate.js';
import { backendCandidates } from './candidates.js';
import { probeCandidate } from './select-backend.js';

/** `rung` is what `doctor --json` and backends.json call a candidate's name. */
export type CandidateReport = { readonly rung: CandidateName; readonly backend: BackendName } & (
  | ({ readonly usable: true } & Pick<LoadedBackend, 'device' | 'threads' | 'version'>)
  | Unusable
);

/** Every backend candidate, tried for real, each in a process of its own. For `doctor`. */
export async function probeBackends(
  settings: BackendSettings = { threads: availableParallelism(), precision: 'float32' },
  candidates: readonly BackendCandidate[] = backendCandidates,
  start: StartChild = startChild,
): Promise<CandidateReport[]> {
  const reports: CandidateReport[] = [];
  // One after the other: two at once would fight for the cores and the GPU.
  for (const candidate of candidates) {
    const result = await probeCandidate(candidate, settings, start);
    const name = { rung: candidate.name, backend: candidate.backend };
    if (!result.usable) {
      reports.push({ ...name, ...result });
      continue;
    }
    result.child.kill();
    await result.child.exited;
    const { device, threads } = result.info;
    reports.push({ ...name, usable: true, device, threads, version: result.version });
  }
  return reports;
}
