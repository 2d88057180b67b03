import {
  backend_util,
  Conv2DBackpropInput,
  type Conv2DBackpropInputAttrs,
  conv2d,
  getKernel,
  type KernelConfig,
  type KernelFunc,
  matMul,
  pad,
  reshape,
  reverse,
  type Tensor4D,
  tidy,
  transpose,
} from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';

/** The backend's own kernel: a scalar loop, right for every shape. */
const scalarKernel = getKernel(Conv2DBackpropInput, 'wasm')?.kernelFunc as KernelFunc;

/** dX of a stride 1 convolution is a convolution of dY with the filter turned by 180 degrees. */
function strideOne(dy: Tensor4D, filter: Tensor4D, info: backend_util.Conv2DInfo): Tensor4D {
  const { top, left } = info.padInfo;
  const above = info.filterHeight - 1 - top;
  const before = info.filterWidth - 1 - left;
  const padded = pad(dy, [
    [0, 0],
    [above, info.inHeight + info.filterHeight - 1 - info.outHeight - above],
    [before, info.inWidth + info.filterWidth - 1 - info.outWidth - before],
    [0, 0],
  ]);
  const turned = transpose(reverse(filter, [0, 1]), [0, 1, 3, 2]) as Tensor4D;
  return conv2d(padded as Tensor4D, turned, 1, 'valid');
}

/** Where strides equal the filter's size no two taps overlap: one matrix product, then reorder. */
function disjoint(dy: Tensor4D, filter: Tensor4D, info: backend_util.Conv2DInfo): Tensor4D {
  const { batchSize, outHeight, outWidth, filterHeight, filterWidth } = info;
  const { inChannels, outChannels } = info;
  const columns = matMul(
    reshape(dy, [batchSize * outHeight * outWidth, outChannels]),
    transpose(reshape(filter, [filterHeight * filterWidth * inChannels, outChannels])),
  );
  const blocks = reshape(columns, [
    batchSize * outHeight,
    outWidth,
    filterHeight,
    filterWidth * inChannels,
  ]);
  return reshape(transpose(blocks, [0, 2, 1, 3]), info.inShape);
}

export const conv2DBackpropInputConfig: KernelConfig = {
  kernelName: Conv2DBackpropInput,
  backendName: 'wasm',
  ...(getKernel(Conv2DBackpropInput, 'wasm')?.setupFunc
    ? { setupFunc: getKernel(Conv2DBackpropInput, 'wasm')!.setupFunc! }
    : {}),
  kernelFunc: (args) => {
    const dy = args.inputs.dy as Tensor4D;
    const filter = args.inputs.filter as Tensor4D;
    const attrs = args.attrs as unknown as Conv2DBackpropInputAttrs;
    const info = backend_util.computeConv2DInfo(
      attrs.inputShape,
      filter.shape,
      attrs.strides,
      1,
      attrs.pad,
      attrs.dimRoundingMode,
    );
    if (info.strideHeight === 1 && info.strideWidth === 1) {
      return tidy(() => strideOne(dy, filter, info));
    }
    if (
      info.strideHeight === info.filterHeight &&
      info.strideWidth === info.filterWidth &&
      info.inHeight === info.outHeight * info.strideHeight &&
      info.inWidth === info.outWidth * info.strideWidth
    ) {
      return tidy(() => disjoint(dy, filter, info));
    }
    return scalarKernel(args);
  },
};
