import '@tensorflow/tfjs-backend-cpu';
import {
  clone,
  memory,
  randomNormal,
  setBackend,
  type Tensor,
  tidy,
  variable,
} from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { Adam } from '../../../src/model/adam.js';
import { relativeError } from '../wasm/relative-error.js';
import { describeOnGpu, gpuTroubles } from './software-gpu.js';

const shapes = [[3, 3, 4, 8], [8], [1], [700]];
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
