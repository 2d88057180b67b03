import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { Identity, type TensorInfo } from '@tensorflow/tfjs-core';
import { replacing } from './replacing.js';

/**
 * The same values under another name, counted, as on the other backends. The wasm backend's own
 * copies, and a training step asks for some 150 of these.
 */
export const identityConfig = () =>
  replacing(Identity, (original) => (args) => {
    const { x } = args.inputs as unknown as { x: TensorInfo };
    if (x.dtype === 'string') return original(args);
    (args.backend as BackendWasm).incRef(x.dataId);
    return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
  });
