import {
  backend_util,
  type KernelConfig,
  MaxPool,
  type MaxPoolAttrs,
  MaxPoolGrad,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { addon } from '../addon.js';
import { size } from '../entry.js';
import { allocate, nativeLayout, planesOf, shape4D } from '../layout.js';
import { input, isEmpty, isFloat, type KernelCall, nativeKernel, share } from './kernel.js';

type Info = backend_util.Conv2DInfo;

function poolInfo(call: KernelCall, x: TensorInfo): Info | undefined {
  const shape = shape4D(x.shape);
  if (!shape || !isFloat(x) || isEmpty(x)) return undefined;
  const { filterSize, strides, pad, dimRoundingMode } = call.attrs as unknown as MaxPoolAttrs;
  const info = backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
  return size(info.outShape) > 0 ? info : undefined;
}

function windowOf(i: Info): Int32Array {
  return Int32Array.of(
    i.inHeight,
    i.inWidth,
    i.outHeight,
    i.outWidth,
    i.filterHeight,
    i.filterWidth,
    i.strideHeight,
    i.strideWidth,
    i.dilationHeight,
    i.dilationWidth,
    i.padInfo.top,
    i.padInfo.left,
  );
}

function maxPool(call: KernelCall): TensorInfo | undefined {
  const x = input(call, 'x');
  const info = poolInfo(call, x);
  if (!info) return undefined;
  if (info.filterWidth === 1 && info.filterHeight === 1 && size(info.outShape) === size(x.shape))
    return share(call, x);
  const { backend } = call;
  const entry = backend.entry(x);
  const layout = nativeLayout(entry, info.inShape);
  const out = allocate(backend, layout, size(info.outShape));
  const [batch, lanes] = planesOf(layout, info.inShape);
  addon().maxPool(entry.in(layout, info.inShape), out, batch, lanes, windowOf(info));
  return backend.wrap(backend.newEntry().setLayout(layout, info.outShape, out), info.outShape);
}

function maxPoolGrad(call: KernelCall): TensorInfo | undefined {
  const dy = input(call, 'dy');
  const x = input(call, 'input');
  const info = poolInfo(call, x);
  if (!info || !isFloat(dy) || size(dy.shape) !== size(info.outShape)) return undefined;
  const { backend } = call;
  const entry = backend.entry(x);
  const layout = nativeLayout(entry, info.inShape);
  const dx = allocate(backend, layout, size(info.inShape));
  const [batch, lanes] = planesOf(layout, info.inShape);
  const gradient = backend.entry(dy).in(layout, info.outShape);
  const values = entry.in(layout, info.inShape);
  addon().maxPoolGrad(gradient, values, dx, batch, lanes, windowOf(info));
  return backend.wrap(backend.newEntry().setLayout(layout, info.inShape, dx), info.inShape);
}

export const poolingKernels = (): KernelConfig[] => [
  nativeKernel(MaxPool, maxPool),
  nativeKernel(MaxPoolGrad, maxPoolGrad),
];
