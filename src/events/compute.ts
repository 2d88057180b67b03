export type BackendName = 'tensorflow' | 'webgpu' | 'onednn' | 'wasm' | 'cpu';

/** Why a backend candidate was not taken. */
export interface SkippedBackend {
  readonly backend: BackendName;
  readonly reason: string;
}

/** The compute process: it may die and come back without taking the program with it. */
export interface ComputeEvent {
  readonly type: 'compute';
  readonly state: 'starting' | 'ready' | 'restarting' | 'failed';
  readonly backend: BackendName | null;
  readonly message: string;
  /** Live tensors and their bytes, where known. */
  readonly tensors?: number;
  readonly tensorBytes?: number;
}

/**
 * What the program costs the machine, every two seconds while somebody may look; not among what
 * `--json` prints. CPU is a share of one core: 1.5 is one and a half.
 */
export interface SystemEvent {
  readonly type: 'system';
  readonly program: ProcessCost;
  /** null before the compute process has told of itself. */
  readonly compute:
    | (ProcessCost & { readonly tensors: number; readonly tensorBytes: number })
    | null;
  /** Bytes left where the store is; null where nobody can tell. */
  readonly diskFree: number | null;
  /** Of the GPU that computes; left out where none does, or it cannot be asked. */
  readonly gpu?: GpuUse;
}

/** What the whole card does, for whomever. */
export interface GpuUse {
  readonly name: string;
  /** Share of the time, 0..1; null where it does not tell. */
  readonly busy: number | null;
  readonly memoryUsed: number | null;
  readonly memoryTotal: number | null;
}

export interface ProcessCost {
  /** null until there are two samples. */
  readonly cpu: number | null;
  readonly rss: number;
}
