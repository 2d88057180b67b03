import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { add, backend, getBackend, getKernel, ones } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { loadWasmBackend } from '../../../src/compute/wasm/load.js';
import { registerWasmTrainingKernels } from '../../../src/compute/wasm/register.js';

describe('loadWasmBackend', () => {
  it('readies the backend and leaves errors of the process to its own handlers', async () => {
    const listeners = () =>
      ['uncaughtException', 'unhandledRejection'].map((event) => process.listenerCount(event));
    const before = listeners();
    const started = performance.now();
    const loaded = await loadWasmBackend(2);
    expect(performance.now() - started).toBeLessThan(2000);
    expect(loaded).toEqual({ device: 'WebAssembly SIMD', threads: 2 });
    expect(getBackend()).toBe('wasm');
    expect(listeners()).toEqual(before);
  });

  it('is the same when asked again, as are the kernels', async () => {
    const kernel = getKernel('Conv2D', 'wasm');
    registerWasmTrainingKernels();
    expect(await loadWasmBackend(1)).toEqual({ device: 'WebAssembly SIMD', threads: 2 });
    expect(getKernel('Conv2D', 'wasm')).toBe(kernel);
  });

  it('says so when its memory is exhausted, and goes on', () => {
    const wasm = backend() as BackendWasm;
    // Half of the 4 GiB that it can have is taken, but never touched.
    const { dataId } = wasm.makeOutput([600_000_000], 'float32');
    expect(() => wasm.makeOutput([600_000_000], 'float32')).toThrow('memory is exhausted');
    wasm.disposeData(dataId);
    expect(add(ones([2]), 1).arraySync()).toEqual([2, 2]);
  });
});
