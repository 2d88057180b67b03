import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { Add, Sum, type SumAttrs, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { shapeToLast } from '../../kernels/shape-to-last.js';
import { addBiasSignature, sumRowsSignature } from '../assembly/rows.js';
import { type Runtime, runtimeOf } from '../runtime.js';
import { replacing } from './replacing.js';

/** Sums are taken in as many chunks, then the chunks' are summed: the same for any thread count. */
const chunks = 32;

/** x[..., k] + bias[k] */
export function addBias(runtime: Runtime, x: TensorInfo, bias: TensorInfo): TensorInfo {
  const out = runtime.output(x.shape);
  const filters = bias.shape[0]!;
  const size = util.sizeFromShape(x.shape);
  runtime.run(
    addBiasSignature,
    {
      from: runtime.address(x),
      bias: runtime.address(bias),
      to: runtime.address(out),
      bytes: filters * 4,
      rows: size / filters,
    },
    size,
  );
  return out;
}

/** Sum over all axes but the last, the gradient of `addBias`: of x[rows, K] to [K]. */
export function sumToLast(runtime: Runtime, x: TensorInfo, outShape: number[]): TensorInfo {
  const out = runtime.output(outShape);
  const filters = x.shape.at(-1)!;
  const rows = util.sizeFromShape(x.shape) / filters;
  const [partial] = runtime.scratch(chunks * filters * 4) as [number];
  const bytes = filters * 4;
  const from = runtime.address(x);
  runtime.run(sumRowsSignature, { from, to: partial, bytes, rows, chunks }, rows * filters);
  runtime.run(
    sumRowsSignature,
    { from: partial, to: runtime.address(out), bytes, rows: chunks, chunks: 1 },
    0,
  );
  return out;
}

export const addConfig = () =>
  replacing(Add, (original) => (args) => {
    const { a, b } = args.inputs as unknown as { a: TensorInfo; b: TensorInfo };
    const isBias =
      a.shape.length === 4 &&
      b.shape.length <= 4 &&
      b.shape.length >= 1 &&
      util.sizeFromShape(b.shape) === b.shape.at(-1) &&
      b.shape.at(-1) === a.shape.at(-1) &&
      util.sizeFromShape(a.shape) > 0 &&
      a.dtype === 'float32' &&
      b.dtype === 'float32';
    if (!isBias) return original(args);
    return addBias(runtimeOf(args.backend as BackendWasm), a, { ...b, shape: [b.shape.at(-1)!] });
  });

export const sumConfig = () =>
  replacing(Sum, (original) => (args) => {
    const { x } = args.inputs as unknown as { x: TensorInfo };
    const shape = shapeToLast(x, args.attrs as unknown as SumAttrs);
    if (!shape) return original(args);
    return sumToLast(runtimeOf(args.backend as BackendWasm), x, shape);
  });
