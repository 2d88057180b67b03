import type { BackendName } from '../../events.js';
import type { BackendCandidate, CandidateName } from './candidate.js';
import { cpuCandidate } from './cpu.js';
import { onednnCandidate } from './onednn.js';
import { tensorflowCandidates } from './tensorflow.js';
import { wasmCandidate } from './wasm.js';
import { webgpuCandidate } from './webgpu.js';

const tensorflow = tensorflowCandidates();

/** Best first: the first usable one is taken. */
export const backendCandidates: readonly BackendCandidate[] = [
  tensorflow.gpu,
  webgpuCandidate,
  onednnCandidate,
  tensorflow.cpu,
  wasmCandidate,
  cpuCandidate,
];

/** The candidates that `--backend` leaves: all, or those of one name. */
export function candidatesFor(
  backend: 'auto' | BackendName,
  candidates: readonly BackendCandidate[] = backendCandidates,
): readonly BackendCandidate[] {
  return backend === 'auto'
    ? candidates
    : candidates.filter((candidate) => candidate.backend === backend);
}

export function candidateNamed(name: CandidateName): BackendCandidate {
  return backendCandidates.find((candidate) => candidate.name === name)!;
}
