import {
  engine,
  getBackend,
  type Tensor,
  type Tensor1D,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import { backendName } from './backend.js';
import { normaliseBatchGrad, normaliseBatchKernel } from './kernels/batch_normalisation.js';

/**
 * Batch normalisation as training does it, over all but the last axis of a float32
 * [n, height, width, channels]: y, and the mean and (population) variance that it was made with.
 * Only where the onednn backend is in use; records no gradient (see `normaliseBatchGradient`).
 */
export function normaliseBatch(
  x: Tensor4D,
  scale: Tensor,
  offset: Tensor,
  epsilon: number,
): { y: Tensor4D; mean: Tensor1D; variance: Tensor1D } {
  const [y, mean, variance] = run(normaliseBatchKernel, { x, scale, offset }, epsilon);
  return { y: y as Tensor4D, mean: mean as Tensor1D, variance: variance as Tensor1D };
}

/** What `normaliseBatch` passes on from dy to x, scale and offset. */
export function normaliseBatchGradient(
  dy: Tensor4D,
  x: Tensor4D,
  scale: Tensor,
  mean: Tensor,
  variance: Tensor,
  epsilon: number,
): { x: Tensor4D; scale: Tensor1D; offset: Tensor1D } {
  const inputs = { dy, x, scale, mean, variance };
  const [dx, dScale, dOffset] = run(normaliseBatchGrad, inputs, epsilon);
  return { x: dx as Tensor4D, scale: dScale as Tensor1D, offset: dOffset as Tensor1D };
}

function run(kernel: string, inputs: Record<string, Tensor>, epsilon: number): Tensor[] {
  if (getBackend() !== backendName)
    throw new Error('tfjs-backend-onednn: normaliseBatch needs the onednn backend');
  const channels = inputs.x!.shape[3];
  for (const [name, { shape, dtype }] of Object.entries(inputs)) {
    const fits =
      name === 'x' || name === 'dy'
        ? shape.length === 4 && shape.every((length, axis) => length === inputs.x!.shape[axis])
        : shape.length === 1 && shape[0] === channels;
    if (!fits || dtype !== 'float32')
      throw new Error(
        `tfjs-backend-onednn: normaliseBatch cannot take ${name} [${shape}] ${dtype}`,
      );
  }
  return engine().runKernel(kernel, inputs, { epsilon }) as unknown as Tensor[];
}
