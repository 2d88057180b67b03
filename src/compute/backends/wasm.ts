import type { BackendCandidate } from './candidate.js';
import { cpuName } from './cpu-name.js';
import { installed } from './installed.js';

/** TensorFlow.js' WebAssembly backend, with the kernels it lacks for training (../wasm). */
export const wasmCandidate: BackendCandidate = {
  name: 'wasm',
  backend: 'wasm',
  hangAfterMs: 30 * 60_000,
  availability: () => installed('@tensorflow/tfjs-backend-wasm'),
  environment: () => ({}),
  async load({ threads }) {
    const { loadWasmBackend } = await import('../wasm/load.js');
    const { version_wasm } = await import('@tensorflow/tfjs-backend-wasm');
    const loaded = await loadWasmBackend(threads);
    return {
      usable: true,
      device: `${cpuName()}, ${loaded.device}`,
      threads: loaded.threads,
      precision: 'float32',
      version: version_wasm,
    };
  },
};
