import { registerKernel, unregisterKernel } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import { conv2DBackpropFilterConfig } from './conv2d-backprop-filter.js';
import { conv2DBackpropInputConfig } from './conv2d-backprop-input.js';

let registered = false;

/** Gives backend `wasm` the kernels that training a U-Net needs; safe to call again. */
export function registerWasmTrainingKernels(): void {
  if (registered) return;
  registered = true;
  registerKernel(conv2DBackpropFilterConfig);
  unregisterKernel('Conv2DBackpropInput', 'wasm');
  registerKernel(conv2DBackpropInputConfig);
}
