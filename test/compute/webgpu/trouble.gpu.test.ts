import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { backend } from '@tensorflow/tfjs-core';
import { expect, it, vi } from 'vitest';
import { describeOnGpu, gpuTroubles } from './software-gpu.js';

describeOnGpu('a WebGPU device', () => {
  it('tells once that it refused a command, which WebGPU reports beside the call', async () => {
    const { device } = backend() as WebGPUBackend;
    for (let i = 0; i < 2; i++) device.createBuffer({ size: 4, usage: 0xffff });
    await device.queue.onSubmittedWorkDone();
    await vi.waitUntil(() => gpuTroubles.length > 0);
    expect(gpuTroubles).toEqual([expect.stringMatching(/^the GPU refused a command: ./)]);
  });
});
