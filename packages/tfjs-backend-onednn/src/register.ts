import '@tensorflow/tfjs-backend-cpu';
import {
  copyRegisteredKernels,
  getKernel,
  getKernelsForBackend,
  registerBackend,
  registerKernel,
  unregisterKernel,
} from '@tensorflow/tfjs-core';
import { isAvailable } from './addon.js';
import { backendName, OnednnBackend } from './backend.js';
import { arrayKernels } from './kernels/arrays.js';
import { batchNormalisationKernels } from './kernels/batch_normalisation.js';
import { convolutionKernels } from './kernels/convolution.js';
import { elementwiseKernels } from './kernels/elementwise.js';
import { imageKernels } from './kernels/images.js';
import { joiningKernels } from './kernels/joining.js';
import { matmulKernels } from './kernels/matmul.js';
import { poolingKernels } from './kernels/pooling.js';
import { reductionKernels } from './kernels/reductions.js';

/** Above the cpu (1) and wasm (2) backends', so that TensorFlow.js prefers it by itself. */
const priority = 4;

const native = new Set<string>();
let registered: OnednnBackend | undefined;

/** Registers the backend, where the addon loads, with JavaScript kernels behind the native ones. */
export function register(): void {
  if (!isAvailable().available) return;
  copyRegisteredKernels('cpu', backendName);
  const kernels = [
    ...arrayKernels(),
    ...batchNormalisationKernels(),
    ...convolutionKernels(),
    ...elementwiseKernels(),
    ...imageKernels(),
    ...joiningKernels(),
    ...matmulKernels(),
    ...poolingKernels(),
    ...reductionKernels(),
  ];
  for (const kernel of kernels) {
    if (getKernel(kernel.kernelName, backendName)) unregisterKernel(kernel.kernelName, backendName);
    registerKernel(kernel);
    native.add(kernel.kernelName);
  }
  registerBackend(
    backendName,
    () => {
      registered = new OnednnBackend();
      return registered;
    },
    priority,
  );
}

/** The kernels that run natively. */
export function nativeKernels(): string[] {
  return [...native].sort();
}

/** The kernels that TensorFlow.js' JavaScript cpu backend serves. */
export function fallbackKernels(): string[] {
  return getKernelsForBackend(backendName)
    .map((kernel) => kernel.kernelName)
    .filter((name) => !native.has(name))
    .sort();
}

export function currentBackend(): OnednnBackend | undefined {
  return registered;
}
