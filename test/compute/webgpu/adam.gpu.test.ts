import '@tensorflow/tfjs-backend-cpu';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import {
  backend,
  clone,
  memory,
  randomNormal,
  setBackend,
  type Tensor,
  tidy,
  variable,
  zeros,
} from '@tensorflow/tfjs-core';
import { expect, it, onTestFinished, vi } from 'vitest';
import { Adam } from '../../../src/model/adam.js';
import { relativeError } from '../../support/relative-error.js';
import { describeOnGpu, gpuTroubles } from './software-gpu.js';

/** More than one dispatch takes, and no multiple of it, on any device. */
const shapes = [[3, 3, 4, 8], [8], [1], [700], [16], [5, 7], [64], [2], [300]];
let names = 0;

/** Three steps; every value is read in between, which must not make the next one stale. */
async function moved(backendName: string) {
  await setBackend(backendName);
  const variables = shapes.map((shape, index) =>
    variable(randomNormal(shape, 0, 1, 'float32', index + 1), true, `adam${names++}`),
  );
  const kept = clone(variables[0]!);
  const adam = new Adam(variables);
  for (let step = 0; step < 3; step++) {
    const gradients = Object.fromEntries(
      variables.map((each, index): [string, Tensor] => [
        each.name,
        randomNormal(each.shape, 0, 1, 'float32', 100 * (step + 1) + index),
      ]),
    );
    tidy(() => adam.apply(gradients, 0.01));
    for (const gradient of Object.values(gradients)) gradient.dispose();
    await Promise.all(variables.map((each) => each.data()));
    await adam.save();
  }
  const tensors = memory().numTensors;
  const values = await Promise.all(variables.map((each) => each.data<'float32'>()));
  const { moments } = await adam.save();
  return { values: [...values, moments], kept: await kept.data<'float32'>(), tensors };
}

describeOnGpu('Adam on WebGPU', () => {
  it('takes as many variables a dispatch as buffers can be bound', async () => {
    const dispatch = vi.spyOn(GPUComputePassEncoder.prototype, 'dispatchWorkgroups');
    onTestFinished(() => dispatch.mockRestore());
    await setBackend('webgpu');
    const variables = shapes.map((shape) => variable(zeros(shape), true, `adam${names++}`));
    const gradients = Object.fromEntries(variables.map((each) => [each.name, zeros(each.shape)]));
    // On the device by now: filling them costs dispatches too.
    await Promise.all([...variables, ...Object.values(gradients)].map((each) => each.data()));
    const adam = new Adam(variables);
    adam.apply(gradients, 0.01);
    dispatch.mockClear();
    adam.apply(gradients, 0.01);
    const { device } = backend() as WebGPUBackend;
    const perDispatch = Math.floor(device.limits.maxStorageBuffersPerShaderStage / 4);
    expect(perDispatch).toBeGreaterThan(1);
    expect(dispatch).toHaveBeenCalledTimes(Math.ceil(shapes.length / perDispatch));
  });

  it('moves variables and moments as the composed one does, and leaves a clone alone', async () => {
    const expected = await moved('cpu');
    const actual = await moved('webgpu');
    for (const [index, value] of actual.values.entries()) {
      expect(relativeError(value, expected.values[index]!), `${index}`).toBeLessThan(1e-6);
    }
    expect(relativeError(actual.kept, expected.kept)).toBe(0);
    expect(gpuTroubles).toEqual([]);
  });
});
