import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { backend_util, Concat, SplitV, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { copyRowsSignature } from '../assembly/rows.js';
import { type Runtime, runtimeOf } from '../runtime.js';
import { replacing } from './replacing.js';

/** Values of a tensor from `axis` on: what lies together of it in a row of the joined tensor. */
function rowOf(tensor: TensorInfo, axis: number): number {
  return util.sizeFromShape(tensor.shape.slice(axis));
}

/** Joins tensors along an axis: row by row, one behind the other. */
export function concat(
  runtime: Runtime,
  inputs: readonly TensorInfo[],
  axis: number,
  outShape: number[],
): TensorInfo {
  const out = runtime.output(outShape);
  const row = rowOf(out, axis) * 4;
  const rows = util.sizeFromShape(outShape.slice(0, axis));
  let to = runtime.address(out);
  for (const input of inputs) {
    const bytes = rowOf(input, axis) * 4;
    runtime.run(
      copyRowsSignature,
      { from: runtime.address(input), fromRow: bytes, to, toRow: row, bytes, rows },
      (rows * bytes) / 4,
    );
    to += bytes;
  }
  return out;
}

/** The gradient of `concat`: takes its parts out again. */
export function split(
  runtime: Runtime,
  x: TensorInfo,
  axis: number,
  sizes: readonly number[],
): TensorInfo[] {
  const row = rowOf(x, axis) * 4;
  const rows = util.sizeFromShape(x.shape.slice(0, axis));
  let begin = 0;
  return sizes.map((size) => {
    const out = runtime.output(x.shape.map((n, i) => (i === axis ? size : n)));
    const bytes = rowOf(out, axis) * 4;
    runtime.run(
      copyRowsSignature,
      {
        from: runtime.address(x) + begin,
        fromRow: row,
        to: runtime.address(out),
        toRow: bytes,
        bytes,
        rows,
      },
      (rows * bytes) / 4,
    );
    begin += bytes;
    return out;
  });
}

export const concatConfig = () =>
  replacing(Concat, (original) => (args) => {
    const inputs = Object.values(args.inputs) as TensorInfo[];
    const [axis] = util.parseAxisParam((args.attrs as { axis: number }).axis, inputs[0]!.shape);
    const shapes = inputs.map((t) => t.shape);
    const isPlain = inputs.every((t) => t.dtype === 'float32' && util.sizeFromShape(t.shape) > 0);
    if (!isPlain || inputs.length < 2) return original(args);
    backend_util.assertParamsConsistent(shapes, axis!);
    const outShape = backend_util.computeOutShape(shapes, axis!);
    return concat(runtimeOf(args.backend as BackendWasm), inputs, axis!, outShape);
  });

export const splitVConfig = () =>
  replacing(SplitV, (original) => (args) => {
    const { x } = args.inputs as unknown as { x: TensorInfo };
    const { numOrSizeSplits, axis: given } = args.attrs as unknown as {
      numOrSizeSplits: number | number[];
      axis: number;
    };
    if (x.dtype !== 'float32') return original(args);
    const [axis] = util.parseAxisParam(given, x.shape);
    // prepareSplitSize reads only the shape.
    const sizes = backend_util.prepareSplitSize(x as never, numOrSizeSplits, axis!);
    return split(runtimeOf(args.backend as BackendWasm), x, axis!, sizes);
  });
