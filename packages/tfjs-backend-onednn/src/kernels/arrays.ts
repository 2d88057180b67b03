import {
  Cast,
  type DataType,
  Identity,
  type KernelConfig,
  type TensorInfo,
  Tile,
  Transpose,
} from '@tensorflow/tfjs-core';
import { addon } from '../addon.js';
import { mergedGeometry } from '../broadcast.js';
import { size } from '../entry.js';
import { binaryOps } from './elementwise.js';
import {
  attribute,
  input,
  isEmpty,
  isFloat,
  type KernelCall,
  nativeKernel,
  share,
} from './kernel.js';

/** To float32 for real: the cpu backend relabels bools and integers and keeps their array. */
function cast(call: KernelCall): TensorInfo | undefined {
  const x = input(call, 'x');
  const dtype = attribute<DataType>(call, 'dtype');
  if (dtype === x.dtype) return share(call, x);
  if (dtype !== 'float32' || (x.dtype !== 'bool' && x.dtype !== 'int32')) return undefined;
  const { backend } = call;
  const out = backend.pool.floats(size(x.shape));
  out.set(backend.entry(x).values as Int32Array | Uint8Array);
  return backend.output(out, x.shape);
}

/** Copies by strides: the greater of x and x is x. */
function gather(call: KernelCall, x: TensorInfo, shape: number[], strides: number[]) {
  const { backend } = call;
  const out = backend.pool.floats(size(shape));
  const values = backend.entry(x).floats();
  addon().binary(binaryOps.Maximum, values, values, out, mergedGeometry(shape, strides, strides));
  return backend.output(out, shape);
}

function rowMajorStrides(shape: readonly number[]): number[] {
  return shape.map((_, d) => size(shape.slice(d + 1)));
}

function transpose(call: KernelCall): TensorInfo | undefined {
  const x = input(call, 'x');
  if (!isFloat(x) || isEmpty(x) || x.shape.length === 0) return undefined;
  const perm = attribute<number[]>(call, 'perm');
  const strides = rowMajorStrides(x.shape);
  return gather(
    call,
    x,
    perm.map((d) => x.shape[d]!),
    perm.map((d) => strides[d]!),
  );
}

/** Repeats of single elements; repeats of longer axes are cpu's. */
function tile(call: KernelCall): TensorInfo | undefined {
  const x = input(call, 'x');
  const reps = attribute<number[]>(call, 'reps');
  if (!isFloat(x) || isEmpty(x) || reps.length !== x.shape.length) return undefined;
  if (reps.some((r, d) => r !== 1 && x.shape[d] !== 1)) return undefined;
  const shape = x.shape.map((dim, d) => dim * reps[d]!);
  if (size(shape) === 0) return undefined;
  const strides = rowMajorStrides(x.shape).map((s, d) => (x.shape[d] === 1 ? 0 : s));
  return gather(call, x, shape, strides);
}

export const arrayKernels = (): KernelConfig[] => [
  nativeKernel(Cast, cast),
  nativeKernel(Identity, (call) => share(call, input(call, 'x'))),
  nativeKernel(Tile, tile),
  nativeKernel(Transpose, transpose),
];
