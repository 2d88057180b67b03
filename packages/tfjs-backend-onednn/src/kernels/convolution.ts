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
  type KernelConfig,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { addon } from '../addon.js';
import { convolveFilter, DeferredConvolution } from '../convolution.js';
import { size } from '../entry.js';
import { unaryOps } from './elementwise.js';
import { input, isEmpty, isFloat, type KernelCall, nativeKernel } from './kernel.js';

type Geometry = Pick<Conv2DAttrs, 'strides' | 'pad' | 'dimRoundingMode'> & {
  dilations?: Conv2DAttrs['dilations'];
  dataFormat?: string;
};

/**
 * The convolution of these shapes where oneDNN can do it with the layout TensorFlow.js uses by default;
 * the rest is for cpu.
 */
function nativeInfo(
  tensors: TensorInfo[],
  inShape: number[],
  filterShape: number[],
  { strides, pad, dilations, dimRoundingMode, dataFormat }: Geometry,
): backend_util.Conv2DInfo | undefined {
  if (!isFloat(...tensors) || isEmpty(...tensors)) return undefined;
  if (dataFormat !== undefined && dataFormat !== 'NHWC') return undefined;
  const info = backend_util.computeConv2DInfo(
    inShape as [number, number, number, number],
    filterShape as [number, number, number, number],
    strides,
    dilations ?? 1,
    pad,
    dimRoundingMode,
    false,
    'channelsLast',
  );
  const isNative =
    size(info.inShape) > 0 &&
    size(info.outShape) > 0 &&
    size(filterShape) > 0 &&
    info.inChannels === filterShape[2];
  return isNative ? info : undefined;
}

function conv2D(call: KernelCall): TensorInfo | undefined {
  const x = input(call, 'x');
  const filter = input(call, 'filter');
  const attrs = call.attrs as unknown as Conv2DAttrs;
  const info = nativeInfo([x, filter], x.shape, filter.shape, attrs);
  if (!info) return undefined;
  const { backend } = call;
  const [from, weights] = [backend.entry(x), backend.entry(filter)];
  const work = new DeferredConvolution(backend, 'forward', from, weights, info);
  return backend.wrap(backend.newEntry().defer(work), info.outShape);
}

const activations = ['linear', 'relu', 'sigmoid'];

function fusedConv2D(call: KernelCall): TensorInfo | undefined {
  const x = input(call, 'x');
  const filter = input(call, 'filter');
  const bias = call.inputs.bias;
  const attrs = call.attrs as unknown as FusedConv2DAttrs;
  const activation = attrs.activation ?? 'linear';
  if (!activations.includes(activation)) return undefined;
  const info = nativeInfo([x, filter], x.shape, filter.shape, attrs);
  if (!info) return undefined;
  if (bias && (!isFloat(bias) || size(bias.shape) !== info.outChannels)) return undefined;
  const { backend } = call;
  const [from, weights] = [backend.entry(x), backend.entry(filter)];
  const offsets = bias && backend.entry(bias);
  const work = new DeferredConvolution(backend, 'forward', from, weights, info, offsets);
  const out = backend.newEntry();
  work.runInto(out, activation === 'relu');
  if (activation === 'sigmoid') {
    const y = backend.pool.floats(size(info.outShape));
    addon().unary(unaryOps.Sigmoid, 0, 0, out.floats(), y);
    out.dispose();
    return backend.output(y, info.outShape);
  }
  return backend.wrap(out, info.outShape);
}

function conv2DBackpropInput(call: KernelCall): TensorInfo | undefined {
  const dy = input(call, 'dy');
  const filter = input(call, 'filter');
  const attrs = call.attrs as unknown as Conv2DBackpropInputAttrs;
  const info = nativeInfo([dy, filter], attrs.inputShape, filter.shape, attrs);
  if (!info || size(info.outShape) !== size(dy.shape)) return undefined;
  const { backend } = call;
  const [from, weights] = [backend.entry(dy), backend.entry(filter)];
  const work = new DeferredConvolution(backend, 'data', from, weights, info);
  return backend.wrap(backend.newEntry().defer(work), info.inShape);
}

function conv2DBackpropFilter(call: KernelCall): TensorInfo | undefined {
  const x = input(call, 'x');
  const dy = input(call, 'dy');
  const attrs = call.attrs as unknown as Conv2DBackpropFilterAttrs;
  const info = nativeInfo([x, dy], x.shape, attrs.filterShape, attrs);
  if (!info || size(info.outShape) !== size(dy.shape)) return undefined;
  const { backend } = call;
  const gradient = convolveFilter(backend, backend.entry(x), backend.entry(dy), info);
  return backend.output(gradient, info.filterShape);
}

export const convolutionKernels = (): KernelConfig[] => [
  nativeKernel(Conv2D, conv2D),
  nativeKernel(FusedConv2D, fusedConv2D),
  nativeKernel(Conv2DBackpropInput, conv2DBackpropInput),
  nativeKernel(Conv2DBackpropFilter, conv2DBackpropFilter),
];
