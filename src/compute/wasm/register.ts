import {
  Identity,
  type KernelConfig,
  registerKernel,
  type TensorInfo,
  unregisterKernel,
} from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { addConfig, sumConfig } from './kernels/bias.js';
import { concatConfig, splitVConfig } from './kernels/concat.js';
import { conv2DConfig, fusedConv2DConfig } from './kernels/conv2d.js';
import { conv2DBackpropFilterConfig } from './kernels/conv2d-backprop-filter.js';
import { conv2DBackpropInputConfig } from './kernels/conv2d-backprop-input.js';
import { maxPoolGradConfig } from './kernels/max-pool-grad.js';
import { replacing } from './kernels/replacing.js';

let registered = false;

/** Gives backend `wasm` the kernels that training a U-Net needs, and faster ones; safe to call again. */
export function registerWasmTrainingKernels(): void {
  if (registered) return;
  registered = true;
  registerKernel(conv2DBackpropFilterConfig);
  for (const config of replacements()) {
    unregisterKernel(config.kernelName, 'wasm');
    registerKernel(config);
  }
}

/** Each does the shapes of a U-Net and leaves the others to the backend's own kernel. */
function replacements(): KernelConfig[] {
  return [
    conv2DConfig(),
    fusedConv2DConfig(),
    conv2DBackpropInputConfig(),
    maxPoolGradConfig(),
    concatConfig(),
    splitVConfig(),
    identityConfig(),
    addConfig(),
    sumConfig(),
  ];
}

/**
 * The same values under another name, counted, as on the other backends. The wasm backend's own
 * copies, and a training step asks for some 150 of these.
 */
const identityConfig = () =>
  replacing(Identity, (original) => (args) => {
    const { x } = args.inputs as unknown as { x: TensorInfo };
    if (x.dtype === 'string') return original(args);
    (args.backend as BackendWasm).incRef(x.dataId);
    return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
  });
