import { registerKernel, unregisterKernel } from '@tensorflow/tfjs-core';
import { meanConfig, sumConfig } from './kernels/column-sums.js';
import {
  conv2DBackpropFilterConfig,
  conv2DBackpropInputConfig,
  conv2DConfig,
  fusedConv2DConfig,
} from './kernels/conv2d.js';
import { maxPoolGradConfig } from './kernels/max-pool-grad.js';

let isRegistered = false;

/**
 * Gives backend `webgpu`, which must have been imported, kernels that train a U-Net faster; safe to
 * call again. Each does the shapes that it knows and leaves the others to the backend's own.
 */
export function registerWebGpuTrainingKernels(): void {
  if (isRegistered) return;
  isRegistered = true;
  const configs = [
    conv2DConfig(),
    fusedConv2DConfig(),
    conv2DBackpropInputConfig(),
    conv2DBackpropFilterConfig(),
    maxPoolGradConfig(),
    sumConfig(),
    meanConfig(),
  ];
  for (const config of configs) {
    unregisterKernel(config.kernelName, 'webgpu');
    registerKernel(config);
  }
}
