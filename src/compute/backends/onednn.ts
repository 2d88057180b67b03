import type { AdamVariable } from '../../model/adam.js';
import type { BatchNormalisation } from '../../model/batch-normalisation.js';
import type { MoveTowards } from '../../model/move-towards.js';
import type { BackendCandidate } from './candidate.js';
import { cpuName } from './cpu-name.js';
import { installed } from './installed.js';

const packageName = 'tfjs-backend-onednn';

/** What nerveflow uses of packages/tfjs-backend-onednn. */
interface OneDnnBackend {
  isAvailable(): { available: true } | { available: false; reason: string };
  setThreads(threads: number): void;
  version(): string;
  supportsBf16(): boolean;
  setPrecision(precision: 'float32' | 'bf16'): void;
  moveTowards: MoveTowards;
  normaliseBatch: BatchNormalisation['forward'];
  normaliseBatchGradient: BatchNormalisation['gradient'];
  /** One native call; moves the variables in place. */
  adamStep(
    variables: readonly AdamVariable[],
    options: {
      learningRate: number;
      beta1: number;
      beta2: number;
      epsilon: number;
      /** beta1 and beta2 to the power of the step's number. */
      beta1Power: number;
      beta2Power: number;
    },
  ): void;
}

/** Our native CPU backend; there only where it has been built. */
export const onednnCandidate: BackendCandidate = {
  name: 'onednn',
  backend: 'onednn',
  hangAfterMs: 10 * 60_000,
  availability() {
    const found = installed(packageName);
    return found.usable ? found : { usable: false, reason: 'not built' };
  },
  // By default OpenMP's threads spin at each barrier. Alone on the machine that gains nothing that
  // can be measured; beside any other busy process it costs two thirds of the speed.
  environment: () => ({ OMP_WAIT_POLICY: process.env.OMP_WAIT_POLICY ?? 'PASSIVE' }),
  async load({ threads, precision }) {
    // The name as a value: the compiler must not ask for a package that may not be built.
    const backend = (await import(packageName as string)) as OneDnnBackend;
    const available = backend.isAvailable();
    if (!available.available) return { usable: false, reason: available.reason };
    const { setBackend, ready } = await import('@tensorflow/tfjs-core');
    if (!(await setBackend('onednn'))) return { usable: false, reason: 'did not start' };
    await ready();
    backend.setThreads(threads);
    const usedPrecision = precision === 'bf16' && backend.supportsBf16() ? 'bf16' : 'float32';
    backend.setPrecision(usedPrecision);
    const { registerAdamUpdate } = await import('../../model/adam.js');
    registerAdamUpdate('onednn', (variables, { correction1, correction2, ...step }) => {
      const powers = { beta1Power: 1 - correction1, beta2Power: 1 - correction2 };
      backend.adamStep(variables, { ...step, ...powers });
    });
    const { registerBatchNormalisation } = await import('../../model/batch-normalisation.js');
    registerBatchNormalisation('onednn', {
      forward: backend.normaliseBatch,
      gradient: backend.normaliseBatchGradient,
    });
    const { registerMoveTowards } = await import('../../model/move-towards.js');
    registerMoveTowards('onednn', backend.moveTowards);
    return {
      usable: true,
      device: `${cpuName()}, oneDNN`,
      threads,
      precision: usedPrecision,
      version: backend.version(),
    };
  },
};
