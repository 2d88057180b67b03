import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import {
  Mean,
  type MeanAttrs,
  Sum,
  type SumAttrs,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import { shapeToLast } from '../../kernels/shape-to-last.js';
import { replacing } from './replacing.js';
import { componentsOf, runShader } from './shader.js';

const threads = 128;
const mostChunks = 256;
const leastRows = 64;

/** What is summed, and over which inputs. */
interface Summand {
  /** Distinguishes code. */
  readonly key: string;
  /** [..., columns], all of one shape. */
  readonly arrays: readonly { readonly name: string; readonly tensor: TensorInfo }[];
  /** [columns] */
  readonly perColumn: readonly { readonly name: string; readonly tensor: TensorInfo }[];
  /** WGSL of the summand: `at` is the place in the arrays, `lane` that in what is there per column. */
  readonly code: string;
}

/**
 * Sums over all axes but the last, such as the gradient of a bias: of x[..., columns], divided by
 * `divisor`, in one pass or two.
 */
export function columnSums(
  backend: WebGPUBackend,
  x: TensorInfo,
  shape: readonly number[],
  divisor: number,
): TensorInfo {
  return sumsOf(backend, plain(x), shape, divisor);
}

/** mean((x - mean)²) of each column: [columns]. */
export function columnVariances(
  backend: WebGPUBackend,
  x: TensorInfo,
  mean: TensorInfo,
): TensorInfo {
  const columns = x.shape.at(-1)!;
  const summand: Summand = {
    key: 'squared difference',
    arrays: [{ name: 'x', tensor: x }],
    perColumn: [{ name: 'mean', tensor: mean }],
    code: '(x[at] - mean[lane]) * (x[at] - mean[lane])',
  };
  return sumsOf(backend, summand, [columns], util.sizeFromShape(x.shape) / columns);
}

/** Sums of a (x - mean) of each column: [columns]. */
export function columnCovariances(
  backend: WebGPUBackend,
  a: TensorInfo,
  x: TensorInfo,
  mean: TensorInfo,
): TensorInfo {
  const summand: Summand = {
    key: 'product with difference',
    arrays: [
      { name: 'a', tensor: a },
      { name: 'x', tensor: x },
    ],
    perColumn: [{ name: 'mean', tensor: mean }],
    code: 'a[at] * (x[at] - mean[lane])',
  };
  return sumsOf(backend, summand, [x.shape.at(-1)!], 1);
}

function plain(x: TensorInfo): Summand {
  return { key: 'plain', arrays: [{ name: 'x', tensor: x }], perColumn: [], code: 'x[at]' };
}

function sumsOf(
  backend: WebGPUBackend,
  summand: Summand,
  shape: readonly number[],
  divisor: number,
): TensorInfo {
  const { shape: whole } = summand.arrays[0]!.tensor;
  const columns = whole.at(-1)!;
  const rows = util.sizeFromShape(whole) / columns;
  const chunks = Math.min(mostChunks, Math.ceil(rows / leastRows));
  if (chunks === 1) return sumChunks(backend, summand, rows, columns, 1, shape, divisor);
  const partial = sumChunks(backend, summand, rows, columns, chunks, [chunks, columns], 1);
  const sums = sumChunks(backend, plain(partial), chunks, columns, 1, shape, divisor);
  backend.disposeData(partial.dataId);
  return sums;
}

function sumChunks(
  backend: WebGPUBackend,
  { key, arrays, perColumn, code }: Summand,
  rows: number,
  columns: number,
  chunks: number,
  outputShape: readonly number[],
  divisor: number,
): TensorInfo {
  const components = componentsOf(columns);
  const lanes = columns / components;
  const together = lanes >= 16 ? 16 : 2 ** Math.ceil(Math.log2(lanes));
  const type = components === 4 ? 'vec4<f32>' : 'f32';
  const inputs = [...arrays, ...perColumn];
  return runShader(
    backend,
    {
      key: `column sums ${key} ${components}`,
      inputs: inputs.map(({ name }) => ({ name, components })),
      outputShape,
      outputComponents: components,
      workgroupSize: threads,
      grid: 'blocks',
      workgroups: [chunks, Math.ceil(lanes / together), 1],
      uniforms: { together, rows, lanes, rowsPerChunk: Math.ceil(rows / chunks), divisor },
      code: `
    var<workgroup> sums: array<${type}, ${threads}>;

    fn main() {
      let thread = i32(localIndex);
      let phases = ${threads} / uniforms.together;
      let lane = i32(workgroupId.y) * uniforms.together + thread % uniforms.together;
      let phase = thread / uniforms.together;
      let first = i32(workgroupId.x) * uniforms.rowsPerChunk;
      let end = min(first + uniforms.rowsPerChunk, uniforms.rows);
      var sum = ${type}(0.0);
      if (lane < uniforms.lanes) {
        for (var row = first + phase; row < end; row += phases) {
          let at = row * uniforms.lanes + lane;
          sum += ${code};
        }
      }
      sums[thread] = sum;
      workgroupBarrier();
      for (var half = phases / 2; half > 0; half /= 2) {
        if (phase < half) { sums[thread] += sums[thread + half * uniforms.together]; }
        workgroupBarrier();
      }
      if (phase == 0 && lane < uniforms.lanes) {
        result[i32(workgroupId.x) * uniforms.lanes + lane] = sums[thread] / f32(uniforms.divisor);
      }
    }`,
    },
    inputs.map(({ tensor }) => tensor),
  );
}

export const sumConfig = () =>
  replacing(Sum, (original) => (args) => {
    const { x } = args.inputs as unknown as { x: TensorInfo };
    const shape = shapeToLast(x, args.attrs as unknown as SumAttrs);
    return shape ? columnSums(args.backend as WebGPUBackend, x, shape, 1) : original(args);
  });

export const meanConfig = () =>
  replacing(Mean, (original) => (args) => {
    const { x } = args.inputs as unknown as { x: TensorInfo };
    const shape = shapeToLast(x, args.attrs as unknown as MeanAttrs);
    if (!shape) return original(args);
    const rows = util.sizeFromShape(x.shape) / x.shape.at(-1)!;
    return columnSums(args.backend as WebGPUBackend, x, shape, rows);
  });
