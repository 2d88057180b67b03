import type { BackendCandidate } from './candidate.js';
import { installed } from './installed.js';

/** TensorFlow.js' WebGPU backend over Dawn (the `webgpu` package), with training kernels of our own (../webgpu). */
export const webgpuCandidate: BackendCandidate = {
  name: 'webgpu',
  backend: 'webgpu',
  hangAfterMs: 10 * 60_000,
  availability: () => installed('webgpu'),
  environment: () => ({}),
  async load() {
    const { loadWebGpuBackend } = await import('../webgpu/load.js');
    const loaded = await loadWebGpuBackend(process.env.NERVEFLOW_WEBGPU_SOFTWARE === '1', die);
    if (!loaded.usable) return loaded;
    const { version_core } = await import('@tensorflow/tfjs-core');
    return {
      usable: true,
      device: loaded.device,
      threads: 1,
      precision: 'float32',
      version: version_core,
    };
  },
};

/** The parent starts another process, which goes on from the last checkpoint. */
function die(why: string): void {
  console.error(why);
  process.exit(1);
}
