import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import {
  Conv2D,
  type Conv2DAttrs,
  FusedConv2D,
  type FusedConv2DAttrs,
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
import type { Epilogue } from './pack.js';
import { replacing } from './replacing.js';

/** out[n, y, x, k] = bias[k] + sum over r, s, c of x[n, y * stride + r - top, ..., c] * filter[r, s, c, k] */
export function conv2d(
  runtime: Runtime,
  x: TensorInfo,
  filter: TensorInfo,
  info: Conv2DInfo,
  epilogue: Epilogue = {},
): TensorInfo {
  const out = runtime.output(info.outShape);
  const { outWidth, outHeight, outChannels } = info;
  convolve(
    runtime,
    withRowsJoined(geometryOf(info)),
    runtime.address(x),
    {
      address: runtime.address(filter),
      outer: 1,
      outerStride: 0,
      inner: info.filterHeight * info.filterWidth * info.inChannels,
      innerStride: outChannels,
      columns: outChannels,
      columnStride: 1,
    },
    {
      address: runtime.address(out),
      pixel: outChannels,
      row: outWidth * outChannels,
      image: outHeight * outWidth * outChannels,
    },
    epilogue,
  );
  return out;
}

export const conv2DConfig = () =>
  replacing(Conv2D, (original) => (args) => {
    const { x, filter } = args.inputs as unknown as { x: TensorInfo; filter: TensorInfo };
    const info = convolutionInfo(x.shape, filter.shape, args.attrs as unknown as Conv2DAttrs);
    if (!isSupported(info)) return original(args);
    return conv2d(runtimeOf(args.backend as BackendWasm), x, filter, info);
  });

export const fusedConv2DConfig = () =>
  replacing(FusedConv2D, (original) => (args) => {
    const { x, filter, bias, preluActivationWeights } = args.inputs as unknown as {
      x: TensorInfo;
      filter: TensorInfo;
      bias?: TensorInfo;
      preluActivationWeights?: TensorInfo;
    };
    const attrs = args.attrs as unknown as FusedConv2DAttrs;
    const info = convolutionInfo(x.shape, filter.shape, attrs);
    const isSimple =
      (attrs.activation === 'linear' || attrs.activation === 'relu') &&
      !preluActivationWeights &&
      (!bias || (bias.shape.length <= 1 && bias.shape[0] === info.outChannels));
    if (!isSupported(info) || !isSimple) return original(args);
    const runtime = runtimeOf(args.backend as BackendWasm);
    return conv2d(runtime, x, filter, info, {
      ...(bias ? { bias: runtime.address(bias) } : {}),
      relu: attrs.activation === 'relu',
    });
  });
