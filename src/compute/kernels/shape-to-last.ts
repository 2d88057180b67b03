import { type TensorInfo, util } from '@tensorflow/tfjs-core';

/** The output's shape where a reduction of float32 leaves the last axis alone, or null. */
export function shapeToLast(
  x: TensorInfo,
  { axis, keepDims }: { readonly axis: number | number[]; readonly keepDims: boolean },
): number[] | null {
  const rank = x.shape.length;
  const axes = util.parseAxisParam(axis, x.shape);
  const isToLast =
    rank >= 2 &&
    axes.length === rank - 1 &&
    !axes.includes(rank - 1) &&
    x.dtype === 'float32' &&
    util.sizeFromShape(x.shape) > 0;
  if (!isToLast) return null;
  const last = x.shape.at(-1)!;
  return keepDims ? [...x.shape.slice(0, -1).fill(1), last] : [last];
}
