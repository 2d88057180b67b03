import { describe } from 'vitest';
import { type LoadedWebGpu, loadWebGpuBackend } from '../../../src/compute/webgpu/load.js';

const losses: string[] = [];

/** Why the device was lost, or refused a command: must stay empty in every test. */
export const gpuTroubles: readonly string[] = losses;

/** On a machine with a GPU, bench/gpu.sh tests that one. */
export const allowSoftware = process.env.NERVEFLOW_WEBGPU_HARDWARE !== '1';
const loaded: LoadedWebGpu = await loadWebGpuBackend(allowSoftware, (why) => losses.push(why));

/**
 * Tests that compute on WebGPU: on a software adapter, or on a GPU where there is one. Skipped where
 * there is neither, but not where one is expected, as in CI.
 */
export const describeOnGpu: typeof describe.skip = loaded.usable ? describe : describe.skip;

if (!loaded.usable) {
  const advice = `no WebGPU adapter: ${loaded.reason}; node scripts/software-gpu.mjs fetches one`;
  if (process.env.NERVEFLOW_EXPECT_WEBGPU) throw new Error(advice);
  console.warn(`skipped, ${advice}`);
}
