import type { Rung } from '../rung.js';

const reason = 'not part of this version';

/**
 * The place for @tensorflow/tfjs-backend-webgpu over the `webgpu` package (Dawn). Whoever fills it:
 * `navigator.gpu` must be in place before the backend is imported, and an adapter whose
 * `info.isFallbackAdapter` is set is not to be taken.
 */
export const webgpuRung: Rung = {
  name: 'webgpu',
  backend: 'webgpu',
  hangAfterMs: 10 * 60_000,
  probe: () => ({ usable: false, reason }),
  environment: () => ({}),
  load: async () => ({ usable: false, reason }),
};
