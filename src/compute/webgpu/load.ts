/// <reference types="@webgpu/types" />
import {
  findBackendFactory,
  ready,
  registerBackend,
  removeBackend,
  setBackend,
} from '@tensorflow/tfjs-core';
import { registerAdamUpdate } from '../../model/adam.js';
import { registerMoveTowards } from '../../model/move-towards.js';
import { describeAdapter, findAdapter } from './dawn.js';
import { adamUpdate } from './kernels/adam.js';
import { batchNormalisation } from './kernels/batch-normalisation.js';
import { moveTowards } from './kernels/move-towards.js';
import { reluConvolution } from './kernels/relu-convolution.js';
import { preferSmallTiles } from './kernels/tiles.js';
import { registerWebGpuTrainingKernels } from './register.js';

export type LoadedWebGpu =
  | { readonly usable: true; readonly device: string }
  | { readonly usable: false; readonly reason: string };

const backendName = 'webgpu';

/**
 * Makes TensorFlow.js' WebGPU backend the current one, with kernels that train faster.
 *
 * @param onLost called once, when nothing that this device computes can be trusted any more
 */
export async function loadWebGpuBackend(
  allowSoftware: boolean,
  onLost: (why: string) => void,
): Promise<LoadedWebGpu> {
  const found = await findAdapter(allowSoftware);
  if (!found.found) return { usable: false, reason: found.reason };
  const { adapter } = found;
  const device = await adapter.requestDevice({ requiredLimits: wantedLimits(adapter.limits) });
  watch(device, onLost);
  // Not before: it looks for navigator.gpu while it is being imported.
  const { WebGPUBackend } = await import('@tensorflow/tfjs-backend-webgpu');
  // Its own way to a device takes whatever adapter there is and keeps most limits low.
  if (findBackendFactory(backendName)) removeBackend(backendName);
  registerBackend(backendName, () => {
    const backend = new WebGPUBackend(device, adapter.info);
    if (adapter.info.isFallbackAdapter) preferSmallTiles(backend);
    return backend;
  });
  registerWebGpuTrainingKernels();
  registerAdamUpdate(backendName, adamUpdate);
  registerMoveTowards(backendName, moveTowards);
  const { registerBatchNormalisation } = await import('../../model/batch-normalisation.js');
  registerBatchNormalisation(backendName, batchNormalisation);
  const { registerReluConvolution } = await import('../../model/convolution.js');
  registerReluConvolution(backendName, reluConvolution);
  if (!(await setBackend(backendName))) return { usable: false, reason: 'did not start' };
  await ready();
  return { usable: true, device: describeAdapter(adapter) };
}

/** All that the adapter has of what large batches and our kernels need; a device gets the least otherwise. */
function wantedLimits(limits: GPUSupportedLimits): Record<string, number> {
  const names = [
    'maxBufferSize',
    'maxStorageBufferBindingSize',
    'maxStorageBuffersPerShaderStage',
    'maxComputeWorkgroupStorageSize',
    'maxComputeInvocationsPerWorkgroup',
    'maxComputeWorkgroupSizeX',
    'maxComputeWorkgroupsPerDimension',
  ] as const;
  return Object.fromEntries(names.map((name) => [name, limits[name]]));
}

/** WebGPU reports errors beside the calls that cause them: unheard, training would go on with garbage. */
function watch(device: GPUDevice, onLost: (why: string) => void): void {
  let isLost = false;
  const lost = (why: string) => {
    if (isLost) return;
    isLost = true;
    onLost(why);
  };
  // Also when it was destroyed: nobody here does that.
  void device.lost.then(({ message }) => lost(`the GPU was lost: ${firstLine(message)}`));
  device.addEventListener('uncapturederror', ({ error }) => {
    lost(
      isOutOfMemory(error)
        ? `the GPU is out of memory (a smaller --batch-size or --size needs less): ${firstLine(error.message)}`
        : `the GPU refused a command: ${firstLine(error.message)}`,
    );
  });
}

function isOutOfMemory(error: GPUError): boolean {
  return error.constructor.name === 'GPUOutOfMemoryError';
}

function firstLine(message: string): string {
  return message.trim().split('\n', 1)[0] || 'no reason given';
}
