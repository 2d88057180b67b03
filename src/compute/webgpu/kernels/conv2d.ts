import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import {
  backend_util,
  Conv2D,
  type Conv2DAttrs,
  Conv2DBackpropFilter,
  type Conv2DBackpropFilterAttrs,
  Conv2DBackpropInput,
  type Conv2DBackpropInputAttrs,
  FusedConv2D,
  type FusedConv2DAttrs,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { filterGradient } from './filter-gradient.js';
import { convolve, convolveBack } from './gather-product.js';
import { replacing } from './replacing.js';
import type { Finish } from './sum-splits.js';

type Shape4D = [number, number, number, number];

/** What the four kernels' attributes have in common. */
interface Convolution {
  readonly strides: [number, number] | number;
  readonly pad: Conv2DAttrs['pad'];
  readonly dataFormat: 'NHWC' | 'NCHW';
  readonly dilations?: [number, number] | number;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/** Null for what is left to the backend's own kernels: dilations, NCHW, unequal strides. */
function geometryOf(
  inputShape: number[],
  filterShape: number[],
  { strides, pad, dataFormat, dilations = 1, dimRoundingMode }: Convolution,
): backend_util.Conv2DInfo | null {
  if (dataFormat !== 'NHWC') return null;
  const geometry = backend_util.computeConv2DInfo(
    inputShape as Shape4D,
    filterShape as Shape4D,
    strides,
    dilations,
    pad,
    dimRoundingMode,
  );
  const isPlain =
    geometry.dilationHeight === 1 &&
    geometry.dilationWidth === 1 &&
    geometry.strideHeight === geometry.strideWidth &&
    [...geometry.inShape, ...geometry.outShape].every((extent) => extent > 0);
  return isPlain ? geometry : null;
}

function areFloat32(...tensors: readonly TensorInfo[]): boolean {
  return tensors.every(({ dtype }) => dtype === 'float32');
}

export const conv2DConfig = () =>
  replacing(Conv2D, (original) => (args) => {
    const { x, filter } = args.inputs as unknown as Record<'x' | 'filter', TensorInfo>;
    const geometry = geometryOf(x.shape, filter.shape, args.attrs as unknown as Conv2DAttrs);
    if (!geometry || !areFloat32(x, filter)) return original(args);
    return convolve(args.backend as WebGPUBackend, x, filter, geometry);
  });

export const fusedConv2DConfig = () =>
  replacing(FusedConv2D, (original) => (args) => {
    const { x, filter, bias, preluActivationWeights } = args.inputs as unknown as Record<
      'x' | 'filter',
      TensorInfo
    > & { bias?: TensorInfo; preluActivationWeights?: TensorInfo };
    const attrs = args.attrs as unknown as FusedConv2DAttrs;
    const finish = finishOf(attrs.activation, bias, filter.shape.at(-1)!);
    const geometry = geometryOf(x.shape, filter.shape, attrs);
    if (!geometry || !finish || preluActivationWeights || !areFloat32(x, filter)) {
      return original(args);
    }
    return convolve(args.backend as WebGPUBackend, x, filter, geometry, finish);
  });

function finishOf(
  activation: string,
  bias: TensorInfo | undefined,
  filters: number,
): Finish | null {
  if (activation !== 'linear' && activation !== 'relu') return null;
  const size = bias?.shape.reduce((product, extent) => product * extent, 1);
  if (bias && (size !== filters || bias.dtype !== 'float32')) return null;
  return { activation, bias: bias ? { ...bias, shape: [filters] } : null };
}

export const conv2DBackpropInputConfig = () =>
  replacing(Conv2DBackpropInput, (original) => (args) => {
    const { dy, filter } = args.inputs as unknown as Record<'dy' | 'filter', TensorInfo>;
    const attrs = args.attrs as unknown as Conv2DBackpropInputAttrs;
    const geometry = geometryOf(attrs.inputShape, filter.shape, attrs);
    if (!geometry || !areFloat32(dy, filter)) return original(args);
    return convolveBack(args.backend as WebGPUBackend, dy, filter, geometry);
  });

export const conv2DBackpropFilterConfig = () =>
  replacing(Conv2DBackpropFilter, (original) => (args) => {
    const { x, dy } = args.inputs as unknown as Record<'x' | 'dy', TensorInfo>;
    const attrs = args.attrs as unknown as Conv2DBackpropFilterAttrs;
    const geometry = geometryOf(x.shape, attrs.filterShape, attrs);
    if (!geometry || !areFloat32(x, dy)) return original(args);
    return filterGradient(args.backend as WebGPUBackend, x, dy, geometry);
  });
