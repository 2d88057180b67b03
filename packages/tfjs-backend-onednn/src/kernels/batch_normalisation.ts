import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import { addon, Layout } from '../addon.js';
import { backendName } from '../backend.js';
import { type Shape4D, size } from '../entry.js';
import { allocate, extentOf } from '../layout.js';
import { attribute, input, type KernelCall } from './kernel.js';

export const normaliseBatchKernel = 'NormaliseBatch';
export const normaliseBatchGrad = 'NormaliseBatchGrad';

/** x as it lies in memory, and how its channels lie in that; `count` values a channel. */
function channelsOf(call: KernelCall) {
  const x = input(call, 'x');
  const shape = x.shape as Shape4D;
  const channels = shape[3];
  const entry = call.backend.entry(x);
  const layout = entry.layoutFor(shape) ?? Layout.nhwcF32;
  const extent = extentOf(layout, shape);
  const values = entry.in(layout, shape);
  return { shape, channels, count: size(shape) / channels, layout, extent, values };
}

/**
 * y = (x - mean) / sqrt(variance + epsilon) * scale + offset with the batch's own mean and variance
 * of each channel: one pass over x for the sums, one to write y.
 */
function normalise(call: KernelCall): TensorInfo[] {
  const { backend } = call;
  const { shape, channels, count, layout, extent, values } = channelsOf(call);
  const scale = backend.entry(input(call, 'scale')).floats();
  const offset = backend.entry(input(call, 'offset')).floats();
  const epsilon = attribute<number>(call, 'epsilon');

  const mean = new Float32Array(channels);
  const variance = new Float32Array(channels);
  addon().channelProducts(values, values, mean, variance, ...extent);
  const factor = new Float32Array(channels);
  const shift = new Float32Array(channels);
  for (let c = 0; c < channels; c++) {
    const m = mean[c]! / count;
    const v = Math.max(0, variance[c]! / count - m * m);
    const f = scale[c]! / Math.sqrt(v + epsilon);
    mean[c] = m;
    variance[c] = v;
    factor[c] = f;
    shift[c] = offset[c]! - m * f;
  }
  const y = allocate(backend, layout, size(shape));
  addon().channelAffine(values, factor, null, null, shift, y, ...extent);
  return [
    backend.wrap(backend.newEntry().setLayout(layout, shape, y), [...shape]),
    backend.output(mean, [channels]),
    backend.output(variance, [channels]),
  ];
}

/**
 * With n values a channel, h = (x - mean) / deviation:
 * dscale = sum(dy h), doffset = sum(dy), dx = scale / deviation (dy - doffset / n - h dscale / n).
 */
function normaliseGrad(call: KernelCall): TensorInfo[] {
  const { backend } = call;
  const { shape, channels, count, layout, extent, values } = channelsOf(call);
  const gradient = backend.entry(input(call, 'dy')).in(layout, shape);
  const scale = backend.entry(input(call, 'scale')).floats();
  const mean = backend.entry(input(call, 'mean')).floats();
  const variance = backend.entry(input(call, 'variance')).floats();
  const epsilon = attribute<number>(call, 'epsilon');

  const dOffset = new Float32Array(channels);
  const dScale = new Float32Array(channels);
  addon().channelProducts(gradient, values, dOffset, dScale, ...extent);
  const ofGradient = new Float32Array(channels);
  const ofValues = new Float32Array(channels);
  const shift = new Float32Array(channels);
  for (let c = 0; c < channels; c++) {
    const inverse = 1 / Math.sqrt(variance[c]! + epsilon);
    const ds = (dScale[c]! - mean[c]! * dOffset[c]!) * inverse;
    const a = scale[c]! * inverse;
    const b = (-a * inverse * ds) / count;
    dScale[c] = ds;
    ofGradient[c] = a;
    ofValues[c] = b;
    shift[c] = (-a * dOffset[c]!) / count - b * mean[c]!;
  }
  const dx = allocate(backend, layout, size(shape));
  addon().channelAffine(gradient, ofGradient, values, ofValues, shift, dx, ...extent);
  return [
    backend.wrap(backend.newEntry().setLayout(layout, shape, dx), [...shape]),
    backend.output(dScale, [channels]),
    backend.output(dOffset, [channels]),
  ];
}

/** Of this backend alone: TensorFlow.js makes training batch normalisation of other kernels. */
export const batchNormalisationKernels = (): KernelConfig[] =>
  (
    [
      [normaliseBatchKernel, normalise],
      [normaliseBatchGrad, normaliseGrad],
    ] as const
  ).map(([kernelName, kernel]) => ({
    kernelName,
    backendName: backendName,
    kernelFunc: ({ inputs, backend, attrs }) =>
      kernel({ inputs, attrs: attrs ?? {}, backend: backend as KernelCall['backend'] }),
  }));
