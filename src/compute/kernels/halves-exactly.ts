import { backend_util, type MaxPoolGradAttrs } from '@tensorflow/tfjs-core';

/** Whether a pooling of x [N, H, W, C] is 2x2 with stride 2 and leaves no row or column over. */
export function halvesExactly(
  shape: readonly number[],
  { filterSize, strides, pad, dimRoundingMode }: MaxPoolGradAttrs,
): boolean {
  const info = backend_util.computePool2DInfo(
    shape as [number, number, number, number],
    filterSize,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
  const { filterHeight, filterWidth, strideHeight, strideWidth } = info;
  return (
    [filterHeight, filterWidth, strideHeight, strideWidth].every((extent) => extent === 2) &&
    info.inHeight === 2 * info.outHeight &&
    info.inWidth === 2 * info.outWidth
  );
}
