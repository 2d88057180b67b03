import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import {
  Conv2DBackpropInput,
  type Conv2DBackpropInputAttrs,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { type Runtime, runtimeOf } from '../runtime.js';
import { convolve } from './convolve.js';
import {
  type Conv2DInfo,
  convolutionInfo,
  geometryOf,
  isSupported,
  withRowsJoined,
} from './geometry.js';
import { replacing } from './replacing.js';

/**
 * dX of a stride 1 convolution is a convolution of dY with the filter turned by 180 degrees, its
 * channels swapped: dX[y, x, c] = sum over r, s, k of dY[y - r + top, x - s + left, k] * filter[r, s, c, k].
 */
function fromStrideOne(
  runtime: Runtime,
  dy: TensorInfo,
  filter: TensorInfo,
  info: Conv2DInfo,
): TensorInfo {
  const dx = runtime.output(info.inShape);
  const { filterHeight, filterWidth, inChannels, outChannels } = info;
  const g = geometryOf(info);
  const tap = inChannels * outChannels;
  convolve(
    runtime,
    withRowsJoined({
      ...g,
      height: g.outHeight,
      width: g.outWidth,
      channels: g.filters,
      top: filterHeight - 1 - g.top,
      left: filterWidth - 1 - g.left,
      outHeight: g.height,
      outWidth: g.width,
      filters: g.channels,
    }),
    runtime.address(dy),
    {
      address: runtime.address(filter) + (filterHeight * filterWidth - 1) * tap * 4,
      outer: filterHeight * filterWidth,
      outerStride: -tap,
      inner: outChannels,
      innerStride: 1,
      columns: inChannels,
      columnStride: outChannels,
    },
    {
      address: runtime.address(dx),
      pixel: inChannels,
      row: info.inWidth * inChannels,
      image: info.inHeight * info.inWidth * inChannels,
    },
  );
  return dx;
}

/**
 * Where strides equal the filter's size no two taps overlap, and one row of the filter is a product
 * of matrices: dX[y * R + r, (x, s, c)] = sum over k of dY[y, x, k] * filter[r, (s, c), k].
 * The forward pass of a 2x2 stride 2 transposed convolution is this.
 */
function fromDisjointTaps(
  runtime: Runtime,
  dy: TensorInfo,
  filter: TensorInfo,
  info: Conv2DInfo,
): TensorInfo {
  const dx = runtime.output(info.inShape);
  const { filterHeight, filterWidth, inChannels, outChannels } = info;
  const columns = filterWidth * inChannels;
  const row = info.inWidth * inChannels;
  for (let r = 0; r < filterHeight; r++) {
    convolve(
      runtime,
      {
        batch: info.batchSize,
        height: info.outHeight,
        width: info.outWidth,
        channels: outChannels,
        top: 0,
        left: 0,
        filterHeight: 1,
        filterWidth: 1,
        strideHeight: 1,
        strideWidth: 1,
        outHeight: info.outHeight,
        outWidth: info.outWidth,
        filters: columns,
      },
      runtime.address(dy),
      {
        address: runtime.address(filter) + r * columns * outChannels * 4,
        outer: 1,
        outerStride: 0,
        inner: outChannels,
        innerStride: 1,
        columns,
        columnStride: outChannels,
      },
      {
        address: runtime.address(dx) + r * row * 4,
        pixel: columns,
        row: row * filterHeight,
        image: info.inHeight * row,
      },
    );
  }
  return dx;
}

function isStrideOne(info: Conv2DInfo): boolean {
  return (
    info.strideHeight === 1 &&
    info.strideWidth === 1 &&
    info.padInfo.top < info.filterHeight &&
    info.padInfo.left < info.filterWidth
  );
}

function hasDisjointTaps(info: Conv2DInfo): boolean {
  return (
    info.strideHeight === info.filterHeight &&
    info.strideWidth === info.filterWidth &&
    info.inHeight === info.outHeight * info.strideHeight &&
    info.inWidth === info.outWidth * info.strideWidth &&
    info.padInfo.top === 0 &&
    info.padInfo.left === 0
  );
}

/** Other strides are left to the backend's own kernel, a scalar loop. */
export const conv2DBackpropInputConfig = () =>
  replacing(Conv2DBackpropInput, (original) => (args) => {
    const { dy, filter } = args.inputs as unknown as { dy: TensorInfo; filter: TensorInfo };
    const attrs = args.attrs as unknown as Conv2DBackpropInputAttrs;
    const info = convolutionInfo(attrs.inputShape, filter.shape, attrs);
    const runtime = runtimeOf(args.backend as BackendWasm);
    if (isSupported(info) && isStrideOne(info)) return fromStrideOne(runtime, dy, filter, info);
    if (isSupported(info) && hasDisjointTaps(info)) {
      return fromDisjointTaps(runtime, dy, filter, info);
    }
    return original(args);
  });
