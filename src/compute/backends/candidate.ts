import type { BackendName } from '../../events.js';
import type { ComputeInfo } from '../compute.js';

export type CandidateName =
  | 'tensorflow-gpu'
  | 'webgpu'
  | 'onednn'
  | 'tensorflow-cpu'
  | 'wasm'
  | 'cpu';

export interface BackendSettings {
  /** Wished for; what runs is in `LoadedBackend.threads`. */
  readonly threads: number;
  readonly precision: ComputeInfo['precision'];
}

export interface Unusable {
  readonly usable: false;
  readonly reason: string;
}

export type Availability = { readonly usable: true } | Unusable;

export interface LoadedBackend {
  readonly usable: true;
  readonly device: string;
  readonly threads: number;
  readonly precision: ComputeInfo['precision'];
  /** Of the package behind it. */
  readonly version: string;
}

/** A way to compute that may be usable on this machine. */
export interface BackendCandidate {
  readonly name: CandidateName;
  readonly backend: BackendName;
  /** Runs in the main process: cheap checks that import nothing, such as whether a package is there. */
  availability(): Availability;
  /** What the compute process needs in its environment before it starts. */
  environment(settings: BackendSettings): Readonly<Record<string, string>>;
  /** Runs in the compute process: makes the backend TensorFlow.js' current one. May throw, or take the process with it. */
  load(settings: BackendSettings): Promise<LoadedBackend | Unusable>;
  /** Milliseconds of silence that are sure to be a hang and no slow step. */
  readonly hangAfterMs: number;
}
