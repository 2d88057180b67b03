import util from 'node:util';
import { engine, KernelBackend, registerBackend, removeBackend } from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, it } from 'vitest';
import { installed } from '../../../src/compute/backends/installed.js';
import { onednnCandidate } from '../../../src/compute/backends/onednn.js';
import { tensorflowCandidates } from '../../../src/compute/backends/tensorflow.js';

const settings = { threads: 3, precision: 'float32' } as const;

/** Stands in for @tensorflow/tfjs-node-gpu: importing it registers a backend. */
function standIn(isUsingGpuDevice: boolean) {
  return async () => {
    class Backend extends KernelBackend {
      isUsingGpuDevice = isUsingGpuDevice;
      override dispose(): void {}
    }
    registerBackend('tensorflow', () => new Backend(), 3);
  };
}

afterEach(() => {
  if (engine().registryFactory.tensorflow) removeBackend('tensorflow');
});

describe('the candidates of libtensorflow', () => {
  it('are taken with a GPU only where one is used', async () => {
    expect(await tensorflowCandidates(standIn(true)).gpu.load(settings)).toMatchObject({
      usable: true,
      device: 'CUDA GPU',
    });
    removeBackend('tensorflow');
    expect(await tensorflowCandidates(standIn(false), () => null).gpu.load(settings)).toEqual({
      usable: false,
      reason: 'loads, but sees no CUDA device',
    });
  });

  it('are taken without a GPU too, further down', async () => {
    expect(await tensorflowCandidates(standIn(false)).cpu.load(settings)).toMatchObject({
      usable: true,
      threads: 3,
    });
  });

  it('leave memory to others, and hide the GPU from the CPU candidate', () => {
    const { gpu, cpu } = tensorflowCandidates();
    expect(gpu.environment(settings)).toMatchObject({ TF_FORCE_GPU_ALLOW_GROWTH: 'true' });
    expect(gpu.environment(settings)).not.toHaveProperty('CUDA_VISIBLE_DEVICES');
    expect(cpu.environment(settings)).toMatchObject({
      TF_NUM_INTRAOP_THREADS: '3',
      CUDA_VISIBLE_DEVICES: '-1',
    });
  });

  it('bring back the function that Node 23 took away, before the import', async () => {
    const legacy = util as { isNullOrUndefined?: ((value: unknown) => boolean) | undefined };
    const before = legacy.isNullOrUndefined;
    legacy.isNullOrUndefined = undefined;
    try {
      const candidates = tensorflowCandidates(async () => {
        expect(legacy.isNullOrUndefined!(null)).toBe(true);
        expect(legacy.isNullOrUndefined!(0)).toBe(false);
        await standIn(true)();
      });
      await candidates.gpu.load(settings);
    } finally {
      legacy.isNullOrUndefined = before;
    }
  });

  it.each([
    ['libcuda.so.1', /no NVIDIA driver here \(libcuda\.so\.1\)/],
    ['libcudnn.so.8', /needs CUDA 11 and cuDNN 8, and does not find libcudnn\.so\.8$/],
  ])('say what keeps libtensorflow from the GPU: %s', async (missing, reason) => {
    const findLibrary = (name: string) => (name === missing ? 'cannot open' : null);
    const found = await tensorflowCandidates(standIn(false), findLibrary).gpu.load(settings);
    if (process.platform === 'linux') expect(!found.usable && found.reason).toMatch(reason);
  });

  it.each([
    [
      'The Node.js native addon module (tfjs_binding.node) can not be found at path: /x. \nPlease run',
      /not downloaded or not built.*npm rebuild.*TFJS_NODE_CDN_STORAGE/,
    ],
    [
      'libcudart.so.11.0: cannot open shared object file: No such file or directory',
      /libcudart\.so\.11\.0 is missing.*CUDA 11/,
    ],
    [
      'libtensorflow.so.2: cannot open shared object file: No such file or directory',
      /libtensorflow\.so\.2 is missing/,
    ],
    ["/lib/libm.so.6: version `GLIBC_2.99' not found (required by x)", /needs a newer system/],
    ['something else\n  at a stack', /^something else$/],
  ])('say in one line why they do not load: %s', async (message, reason) => {
    const candidates = tensorflowCandidates(() => Promise.reject(new Error(message)));
    for (const candidate of [candidates.gpu, candidates.cpu]) {
      const found = await candidate.load(settings);
      expect(!found.usable && found.reason).toMatch(reason);
    }
  });
});

describe('cheap checks', () => {
  it('tell what is not installed without a process', () => {
    expect(installed('@tensorflow/tfjs-core')).toEqual({ usable: true });
    expect(installed('@tensorflow/tfjs-of-tomorrow')).toEqual({
      usable: false,
      reason: 'not installed',
    });
  });

  it('say of oneDNN that it is not built, if it is not', () => {
    const found = onednnCandidate.availability();
    if (!found.usable) expect(found.reason).toBe('not built');
  });
});
