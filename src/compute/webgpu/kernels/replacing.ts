import type { KernelConfig, KernelFunc } from '@tensorflow/tfjs-core';
import { replacingKernel } from '../../kernels/replacing-kernel.js';

/** A kernel in place of the WebGPU backend's own (`replacingKernel`). */
export function replacing(
  kernelName: string,
  kernel: (original: KernelFunc) => KernelFunc,
): KernelConfig {
  return replacingKernel('webgpu', kernelName, kernel);
}
