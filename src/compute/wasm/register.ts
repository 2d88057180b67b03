import { registerKernel, unregisterKernel } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import { conv2DConfig, fusedConv2DConfig } from './kernels/conv2d.js';
import { conv2DBackpropFilterConfig } from './kernels/conv2d-backprop-filter.js';
import { conv2DBackpropInputConfig } from './kernels/conv2d-backprop-input.js';

let registered = false;

/** Gives backend `wasm` the kernels that training a U-Net needs, and faster ones; safe to call again. */
export function registerWasmTrainingKernels(): void {
  if (registered) return;
  registered = true;
  registerKernel(conv2DBackpropFilterConfig);
  for (const config of [conv2DConfig(), fusedConv2DConfig(), conv2DBackpropInputConfig()]) {
    unregisterKernel(config.kernelName, 'wasm');
    registerKernel(config);
  }
}
