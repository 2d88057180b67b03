import {
  FusedBatchNorm,
  type KernelConfig,
  ResizeBilinear,
  ResizeBilinearGrad,
  ResizeNearestNeighbor,
  ResizeNearestNeighborGrad,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { addon, Layout } from '../addon.js';
import { size } from '../entry.js';
import { extentOf, isBlocked, planesOf, shape4D } from '../layout.js';
import { attribute, input, isEmpty, isFloat, type KernelCall, nativeKernel } from './kernel.js';

/** Float32 in the order of lanes the tensor already has. */
function floatLayout(call: KernelCall, x: TensorInfo, shape: [number, number, number, number]) {
  const layout = call.backend.entry(x).layoutFor(shape);
  return layout !== undefined && isBlocked(layout) ? Layout.blockedF32 : Layout.nhwcF32;
}

function resize(bilinear: boolean) {
  return (call: KernelCall): TensorInfo | undefined => {
    const images = input(call, 'images');
    const shape = shape4D(images.shape);
    if (!shape || !isFloat(images) || isEmpty(images)) return undefined;
    const [height, width] = attribute<number[]>(call, 'size');
    if (!height || !width) return undefined;
    const { backend } = call;
    const layout = floatLayout(call, images, shape);
    const outShape: [number, number, number, number] = [shape[0], height, width, shape[3]];
    const out = backend.pool.floats(size(outShape));
    addon().resize(
      backend.entry(images).in(layout, shape) as Float32Array,
      out,
      ...planesOf(layout, shape),
      shape[1],
      shape[2],
      height,
      width,
      bilinear,
      attribute<boolean | undefined>(call, 'alignCorners') ?? false,
      attribute<boolean | undefined>(call, 'halfPixelCenters') ?? false,
    );
    return backend.wrap(backend.newEntry().setLayout(layout, outShape, out), outShape);
  };
}

function resizeGrad(bilinear: boolean) {
  return (call: KernelCall): TensorInfo | undefined => {
    const images = input(call, 'images');
    const dy = input(call, 'dy');
    const shape = shape4D(images.shape);
    const dyShape = shape4D(dy.shape);
    if (!shape || !dyShape || !isFloat(images, dy) || isEmpty(images, dy)) return undefined;
    const { backend } = call;
    const layout = floatLayout(call, dy, dyShape);
    const dx = backend.pool.floats(size(shape));
    addon().resizeGrad(
      backend.entry(dy).in(layout, dyShape) as Float32Array,
      dx,
      ...planesOf(layout, shape),
      shape[1],
      shape[2],
      dyShape[1],
      dyShape[2],
      bilinear,
      attribute<boolean | undefined>(call, 'alignCorners') ?? false,
      false,
    );
    return backend.wrap(backend.newEntry().setLayout(layout, shape, dx), [...shape]);
  };
}

function fusedBatchNorm(call: KernelCall): TensorInfo | undefined {
  const x = input(call, 'x');
  const given = (name: string) => call.inputs[name];
  const [mean, variance] = [input(call, 'mean'), input(call, 'variance')];
  const [offset, scale] = [given('offset'), given('scale')];
  const vectors = [mean, variance, offset, scale].filter((t) => t != null);
  const shape = shape4D(x.shape);
  if (!shape || !isFloat(x, ...vectors) || isEmpty(x)) return undefined;
  const channels = shape[3];
  const perChannel = (t: TensorInfo) => t.shape.length === 1 && t.shape[0] === channels;
  if (!vectors.every(perChannel)) return undefined;
  const { backend } = call;
  const layout = floatLayout(call, x, shape);
  const out = backend.pool.floats(size(shape));
  const values = (t: TensorInfo | null | undefined) => (t ? backend.entry(t).floats() : null);
  addon().batchNorm(
    backend.entry(x).in(layout, shape) as Float32Array,
    backend.entry(mean).floats(),
    backend.entry(variance).floats(),
    values(offset),
    values(scale),
    attribute<number | undefined>(call, 'varianceEpsilon') ?? 0.001,
    out,
    ...extentOf(layout, shape),
  );
  return backend.wrap(backend.newEntry().setLayout(layout, shape, out), [...shape]);
}

export const imageKernels = (): KernelConfig[] => [
  nativeKernel(ResizeBilinear, resize(true)),
  nativeKernel(ResizeNearestNeighbor, resize(false)),
  nativeKernel(ResizeBilinearGrad, resizeGrad(true)),
  nativeKernel(ResizeNearestNeighborGrad, resizeGrad(false)),
  nativeKernel(FusedBatchNorm, fusedBatchNorm),
];
