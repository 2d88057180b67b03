import { cpuName } from '../device.js';
import { installed } from '../installed.js';
import type { Rung } from '../rung.js';

const packageName = 'tfjs-backend-onednn';

/** What nerveflow uses of packages/tfjs-backend-onednn. */
interface OneDnnBackend {
  isAvailable(): { available: true } | { available: false; reason: string };
  setThreads(threads: number): void;
  version(): string;
  supportsBf16(): boolean;
  setPrecision(precision: 'float32' | 'bf16'): void;
}

/** Our native CPU backend; there only where it has been built. */
export const onednnRung: Rung = {
  name: 'onednn',
  backend: 'onednn',
  hangAfterMs: 10 * 60_000,
  probe() {
    const found = installed(packageName);
    return found.usable ? found : { usable: false, reason: 'not built' };
  },
  environment: () => ({}),
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
    return {
      usable: true,
      device: `${cpuName()}, oneDNN`,
      threads,
      precision: usedPrecision,
      version: backend.version(),
    };
  },
};
