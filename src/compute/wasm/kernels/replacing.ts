import { getKernel, type KernelConfig, type KernelFunc } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';

/**
 * A kernel in place of the wasm backend's own, which it is given for the cases that it leaves to it.
 * The set-up of the own one is kept.
 */
export function replacing(
  kernelName: string,
  kernel: (original: KernelFunc) => KernelFunc,
): KernelConfig {
  const original = getKernel(kernelName, 'wasm');
  if (!original) throw new Error(`the wasm backend has no kernel ${kernelName}`);
  return { ...original, kernelFunc: kernel(original.kernelFunc) };
}
