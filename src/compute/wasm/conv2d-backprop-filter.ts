import {
  backend_util,
  Conv2DBackpropFilter,
  type Conv2DBackpropFilterAttrs,
  concat,
  type KernelConfig,
  matMul,
  pad,
  reshape,
  stridedSlice,
  type Tensor4D,
  tidy,
  transpose,
} from '@tensorflow/tfjs-core';

/**
 * dW[r, s, c, k] = sum over n, y, x of X[n, y * stride + r - top, x * stride + s - left, c] * dY[n, y, x, k]
 *
 * With X laid out as [C, N, H, W] each tap (r, s) is one strided slice and one matrix product.
 */
export function conv2DBackpropFilter(
  x: Tensor4D,
  dy: Tensor4D,
  attrs: Conv2DBackpropFilterAttrs,
): Tensor4D {
  const { strides, pad: padding, dimRoundingMode, filterShape } = attrs;
  const info = backend_util.computeConv2DInfo(
    x.shape,
    filterShape,
    strides,
    1,
    padding,
    dimRoundingMode,
  );
  const { top, bottom, left, right } = info.padInfo;
  return tidy(() => {
    const planes = pad(transpose(x, [3, 0, 1, 2]), [
      [0, 0],
      [0, 0],
      [top, bottom],
      [left, right],
    ]);
    const [inputs, batch] = planes.shape as [number, number, number, number];
    const pixels = batch * info.outHeight * info.outWidth;
    const dy2d = reshape(dy, [pixels, info.outChannels]);
    const taps = [];
    for (let r = 0; r < info.filterHeight; r++) {
      for (let s = 0; s < info.filterWidth; s++) {
        const tap = stridedSlice(
          planes,
          [0, 0, r, s],
          [
            inputs,
            batch,
            r + (info.outHeight - 1) * info.strideHeight + 1,
            s + (info.outWidth - 1) * info.strideWidth + 1,
          ],
          [1, 1, info.strideHeight, info.strideWidth],
        );
        taps.push(matMul(reshape(tap, [inputs, pixels]), dy2d));
      }
    }
    return reshape(concat(taps, 0), filterShape);
  });
}

export const conv2DBackpropFilterConfig: KernelConfig = {
  kernelName: Conv2DBackpropFilter,
  backendName: 'wasm',
  kernelFunc: ({ inputs, attrs }) =>
    conv2DBackpropFilter(
      inputs.x as Tensor4D,
      inputs.dy as Tensor4D,
      attrs as unknown as Conv2DBackpropFilterAttrs,
    ),
};
