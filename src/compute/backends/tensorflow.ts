import util from 'node:util';
import type { BackendCandidate, BackendSettings } from './candidate.js';
import { cpuName } from './cpu-name.js';
import { installed } from './installed.js';
import { libraryProblem } from './shared-library.js';
import { whyNoCudaDevice, whyNotLoaded } from './tensorflow-missing.js';

const packageName = '@tensorflow/tfjs-node-gpu';

/**
 * The two candidates of libtensorflow: with a CUDA device, and its own CPU kernels where there is none.
 *
 * @param importPackage imports @tensorflow/tfjs-node-gpu, which registers backend `tensorflow`
 * @param findLibrary what the system's loader says against a shared library; null where it loads
 */
export function tensorflowCandidates(
  // The name as a value: an optional dependency has no types to compile against.
  importPackage: () => Promise<unknown> = () => import(packageName as string),
  findLibrary: (name: string) => string | null = libraryProblem,
): { readonly gpu: BackendCandidate; readonly cpu: BackendCandidate } {
  return {
    gpu: {
      ...shared(),
      name: 'tensorflow-gpu',
      async load() {
        const loaded = await loadTensorFlow(importPackage);
        if (!loaded.usable) return loaded;
        const { version, isUsingGpuDevice } = loaded;
        if (isUsingGpuDevice) {
          return { usable: true, device: 'CUDA GPU', threads: 1, precision: 'float32', version };
        }
        return { usable: false, reason: whyNoCudaDevice(process.platform, findLibrary) };
      },
    },
    cpu: {
      ...shared(),
      name: 'tensorflow-cpu',
      environment: (settings) => ({ ...environment(settings), CUDA_VISIBLE_DEVICES: '-1' }),
      async load({ threads }) {
        const loaded = await loadTensorFlow(importPackage);
        if (!loaded.usable) return loaded;
        const { version } = loaded;
        const device = `${cpuName()}, libtensorflow`;
        return { usable: true, device, threads, precision: 'float32', version };
      },
    },
  };
}

function shared(): Pick<
  BackendCandidate,
  'backend' | 'hangAfterMs' | 'availability' | 'environment'
> {
  return {
    backend: 'tensorflow',
    hangAfterMs: 10 * 60_000,
    availability: () => installed(packageName),
    environment,
  };
}

function environment({ threads }: BackendSettings): Record<string, string> {
  return {
    // Else the first process takes all of the GPU's memory.
    TF_FORCE_GPU_ALLOW_GROWTH: 'true',
    TF_CPP_MIN_LOG_LEVEL: '2',
    TF_NUM_INTRAOP_THREADS: String(threads),
    OMP_NUM_THREADS: String(threads),
  };
}

interface TensorFlowBackend {
  readonly isUsingGpuDevice?: boolean;
}

async function loadTensorFlow(
  importPackage: () => Promise<unknown>,
): Promise<
  { usable: true; isUsingGpuDevice: boolean; version: string } | { usable: false; reason: string }
> {
  restoreIsNullOrUndefined();
  const problem = await importPackage().then(
    () => null,
    (error: Error) => whyNotLoaded(error.message),
  );
  if (problem !== null) return { usable: false, reason: problem };
  const tf = await import('@tensorflow/tfjs-core');
  if (!(await tf.setBackend('tensorflow'))) throw new Error('its backend did not start');
  await tf.ready();
  const backend = tf.backend() as unknown as TensorFlowBackend;
  return {
    usable: true,
    isUsingGpuDevice: backend.isUsingGpuDevice === true,
    version: tf.version_core,
  };
}

/** tfjs-node 4.22 calls a function that Node 23 removed. */
function restoreIsNullOrUndefined(): void {
  const legacy = util as { isNullOrUndefined?: (value: unknown) => boolean };
  legacy.isNullOrUndefined ??= (value) => value === null || value === undefined;
}
