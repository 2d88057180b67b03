import type { KernelConfig, KernelFunc } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import { replacingKernel } from '../../kernels/replacing-kernel.js';

/** A kernel in place of the wasm backend's own (`replacingKernel`). */
export function replacing(
  kernelName: string,
  kernel: (original: KernelFunc) => KernelFunc,
): KernelConfig {
  return replacingKernel('wasm', kernelName, kernel);
}
