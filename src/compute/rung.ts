import type { BackendName } from '../events.js';
import type { ComputeInfo } from './compute.js';

export type RungName = 'tensorflow-gpu' | 'webgpu' | 'onednn' | 'tensorflow-cpu' | 'wasm' | 'cpu';

export interface RungSettings {
  /** Wished for; what runs is in `LoadedRung.threads`. */
  readonly threads: number;
  readonly precision: ComputeInfo['precision'];
}

export type Availability =
  | { readonly usable: true }
  | { readonly usable: false; readonly reason: string };

export interface LoadedRung {
  readonly usable: true;
  readonly device: string;
  readonly threads: number;
  readonly precision: ComputeInfo['precision'];
  /** Of the package behind it. */
  readonly version: string;
}

/** One step of the ladder of backends. */
export interface Rung {
  readonly name: RungName;
  readonly backend: BackendName;
  /** Runs in the main process: cheap checks that import nothing, such as whether a package is there. */
  probe(): Availability;
  /** What the compute process needs in its environment before it starts. */
  environment(settings: RungSettings): Readonly<Record<string, string>>;
  /** Runs in the compute process: makes the backend TensorFlow.js' current one. May throw, or take the process with it. */
  load(settings: RungSettings): Promise<LoadedRung | Extract<Availability, { usable: false }>>;
  /** Milliseconds of silence that are sure to be a hang and no slow step. */
  readonly hangAfterMs: number;
}
