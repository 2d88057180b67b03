import { getKernel, type KernelConfig, type KernelFunc } from '@tensorflow/tfjs-core';

/**
 * Makes kernels in place of a backend's own, which each is given for the cases that it leaves to it.
 * The set-up of the own one is kept. The backend must have been imported.
 */
export function replacingOn(backendName: string) {
  return (kernelName: string, kernel: (original: KernelFunc) => KernelFunc): KernelConfig => {
    const original = getKernel(kernelName, backendName);
    if (!original) throw new Error(`backend ${backendName} has no kernel ${kernelName}`);
    return { ...original, kernelFunc: kernel(original.kernelFunc) };
  };
}
