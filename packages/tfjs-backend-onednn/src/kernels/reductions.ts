import type { TensorInfo } from '@tensorflow/tfjs-core';
import { backend_util, type KernelConfig, Max, Mean, Min, Sum, util } from '@tensorflow/tfjs-core';
import { addon } from '../addon.js';
import { size } from '../entry.js';
import { extentOf, isBlocked, shape4D } from '../layout.js';
import { attribute, input, isEmpty, isFloat, type KernelCall, nativeKernel } from './kernel.js';

const reductionCode = { sum: 0, mean: 1, max: 2, min: 3 } as const;

/** Runs of neighbouring axes, last first; axes of one element join any run. */
function runs(shape: readonly number[], axes: readonly number[]): [from: number, to: number][] {
  const reduced = shape.map((dim, d) => axes.includes(d) && dim !== 1);
  const result: [number, number][] = [];
  for (let d = shape.length - 1; d >= 0; d--) {
    if (!reduced[d]) continue;
    let from = d;
    while (from > 0 && (reduced[from - 1] || shape[from - 1] === 1)) from--;
    result.push([from, d + 1]);
    d = from;
  }
  return result;
}

function reduction(op: number, axisAttribute: string) {
  return (call: KernelCall): TensorInfo | undefined => {
    const x = input(call, 'x');
    if (!isFloat(x) || isEmpty(x)) return undefined;
    const { backend } = call;
    const axes = util.parseAxisParam(attribute<number | number[]>(call, axisAttribute), x.shape);
    const [outShape] = backend_util.computeOutAndReduceShapes(x.shape, axes);
    const shape = attribute<boolean | undefined>(call, 'keepDims')
      ? backend_util.expandShapeToKeepDim(outShape, axes)
      : outShape;
    const bySums = channelSums(call, x, axes, op);
    if (bySums) return backend.output(bySums, shape);
    let values = backend.entry(x).floats();
    const dims = [...x.shape];
    let mine = false;
    for (const [from, to] of runs(x.shape, axes)) {
      const outer = size(dims.slice(0, from));
      const inner = size(dims.slice(to));
      const out = backend.pool.floats(outer * inner);
      addon().reduce(op, values, out, outer, size(dims.slice(from, to)), inner);
      if (mine) backend.pool.release(values);
      [values, mine] = [out, true];
      dims.fill(1, from, to);
    }
    // Nothing to add up: a copy, for outputs are never inputs.
    if (!mine) {
      const out = backend.pool.floats(values.length);
      out.set(values);
      values = out;
    }
    return backend.output(values, shape);
  };
}

/** A bias' gradient: known already, or summed in oneDNN's layout. */
function channelSums(
  call: KernelCall,
  x: TensorInfo,
  axes: number[],
  op: number,
): Float32Array | undefined {
  const shape = shape4D(x.shape);
  if (op !== reductionCode.sum || !shape || axes.join() !== '0,1,2') return undefined;
  const entry = call.backend.entry(x);
  if (entry.channelSums) return entry.channelSums.slice();
  const layout = entry.layoutFor(shape);
  if (layout === undefined || !isBlocked(layout)) return undefined;
  const sums = new Float32Array(shape[3]);
  addon().channelSums(entry.in(layout, shape), sums, ...extentOf(layout, shape));
  return sums;
}

export const reductionKernels = (): KernelConfig[] => [
  nativeKernel(Sum, reduction(reductionCode.sum, 'axis')),
  nativeKernel(Mean, reduction(reductionCode.mean, 'axis')),
  nativeKernel(Max, reduction(reductionCode.max, 'reductionIndices')),
  nativeKernel(Min, reduction(reductionCode.min, 'axis')),
];
