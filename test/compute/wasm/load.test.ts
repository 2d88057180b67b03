import { getBackend, getKernel } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { loadWasmBackend } from '../../../src/compute/wasm/load.js';
import { registerWasmTrainingKernels } from '../../../src/compute/wasm/register.js';

describe('loadWasmBackend', () => {
  it('readies the backend and leaves errors of the process to its own handlers', async () => {
    const listeners = () =>
      ['uncaughtException', 'unhandledRejection'].map((event) => process.listenerCount(event));
    const before = listeners();
    const started = performance.now();
    const backend = await loadWasmBackend(2);
    expect(performance.now() - started).toBeLessThan(2000);
    expect(backend).toEqual({ device: 'WebAssembly SIMD', threads: 2 });
    expect(getBackend()).toBe('wasm');
    expect(listeners()).toEqual(before);
  });

  it('is the same when asked again, as are the kernels', async () => {
    const kernel = getKernel('Conv2D', 'wasm');
    registerWasmTrainingKernels();
    expect(await loadWasmBackend(1)).toEqual({ device: 'WebAssembly SIMD', threads: 2 });
    expect(getKernel('Conv2D', 'wasm')).toBe(kernel);
  });
});
