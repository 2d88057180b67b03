import type { BackendCandidate } from './candidate.js';
import { cpuName } from './cpu-name.js';

/** TensorFlow.js' plain JavaScript backend: always there, some hundred times slower. */
export const cpuCandidate: BackendCandidate = {
  name: 'cpu',
  backend: 'cpu',
  hangAfterMs: 12 * 3_600_000,
  availability: () => ({ usable: true }),
  environment: () => ({}),
  async load() {
    const { setBackend, version_core } = await import('@tensorflow/tfjs-core');
    await import('@tensorflow/tfjs-backend-cpu');
    await setBackend('cpu');
    return {
      usable: true,
      device: `${cpuName()}, JavaScript`,
      threads: 1,
      precision: 'float32',
      version: version_core,
    };
  },
};
