import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import {
  Conv2DBackpropFilter,
  type Conv2DBackpropFilterAttrs,
  type KernelConfig,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { correlateSignature } from '../assembly/correlate.js';
import { type Runtime, runtimeOf } from '../runtime.js';
import {
  type Conv2DInfo,
  cacheBytes,
  clamp,
  convolutionInfo,
  geometryOf,
  isSupported,
  layoutOf,
  tapsOf,
  withRowsJoined,
} from './geometry.js';
import { panelColumns } from './pack.js';
import { suitsWinograd } from './winograd.js';
import { winogradGradient } from './winograd-gradient.js';

type Three = [number, number, number];
/** Pixels that a tile should sum over at a time, to make loading and storing its sums cheap. */
const longSum = 512;

/** dW[r, s, c, k] = sum over n, y, x of X[n, y * stride + r - top, x * stride + s - left, c] * dY[n, y, x, k] */
export function conv2DBackpropFilter(
  runtime: Runtime,
  x: TensorInfo,
  dy: TensorInfo,
  info: Conv2DInfo,
): TensorInfo {
  const dw = runtime.output(info.filterShape);
  const g = withRowsJoined(geometryOf(info));
  if (suitsWinograd(g)) {
    const [xAt, dyAt, dwAt] = [x, dy, dw].map((t) => runtime.address(t)) as Three;
    winogradGradient(runtime, g, xAt, dyAt, dwAt, tileRows(g.channels));
    return dw;
  }
  const layout = layoutOf(g);
  const taps = g.filterWidth * g.channels;
  const pixels = g.outHeight * g.outWidth;
  const imageBytes = layout.paddedImage + pixels * panelColumns * 4;
  const block = clamp(
    Math.max(Math.ceil(longSum / pixels), Math.floor(cacheBytes / imageBytes)),
    1,
    g.batch,
  );
  const panels = Math.ceil(g.filters / panelColumns);
  const [partial, images] = runtime.scratch(
    panels * g.filterHeight * taps * panelColumns * 4,
    runtime.threads * block * imageBytes,
  ) as [number, number];
  runtime.run(
    correlateSignature,
    {
      x: runtime.address(x),
      ...tapsOf(g, layout),
      taps,
      tileRows: tileRows(taps),
      dy: runtime.address(dy),
      columns: g.filters,
      lines: g.outHeight,
      pixels: g.outWidth,
      partial,
      dw: runtime.address(dw),
      scratch: images,
      block,
      batch: g.batch,
    },
    g.batch * pixels * g.filterHeight * taps * g.filters,
  );
  return dw;
}

/** The height, 4 to 6, that covers the taps in the fewest steps; a tile under 4 costs as much as 4. */
function tileRows(taps: number): number {
  const cost = (height: number): number =>
    Math.floor(taps / height) * height + (taps % height === 0 ? 0 : Math.max(4, taps % height));
  return [5, 4, 6].reduce((best, height) => (cost(height) < cost(best) ? height : best));
}

export const conv2DBackpropFilterConfig: KernelConfig = {
  kernelName: Conv2DBackpropFilter,
  backendName: 'wasm',
  kernelFunc: (args) => {
    const { x, dy } = args.inputs as unknown as { x: TensorInfo; dy: TensorInfo };
    const attrs = args.attrs as unknown as Conv2DBackpropFilterAttrs;
    const info = convolutionInfo(x.shape, attrs.filterShape, attrs);
    if (!isSupported(info)) {
      throw new Error('Conv2DBackpropFilter on wasm takes NHWC tensors that are not empty');
    }
    return conv2DBackpropFilter(runtimeOf(args.backend as BackendWasm), x, dy, info);
  },
};
