import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { type Components, componentsOf, runAtEach } from './shader.js';

/** What is done to a product's values before they are written. */
export interface Finish {
  readonly activation: 'linear' | 'relu';
  /** [columns] */
  readonly bias: TensorInfo | null;
}

/** WGSL of the finished value. */
export function finishCode(
  { activation, bias }: Finish,
  value: string,
  column: string,
  components: Components = 4,
): string {
  const four = ['0', '1', '2', '3'].map((part) => `bias[${column} + ${part}]`).join(', ');
  const added = components === 4 ? `vec4<f32>(${four})` : `bias[${column}]`;
  const sum = bias ? `${value} + ${added}` : value;
  const zero = components === 4 ? 'vec4<f32>(0.0)' : '0.0';
  // Not max(): what is no number has to stay none, or training would not see it.
  return activation === 'relu' ? `select(${sum}, ${zero}, (${sum}) < ${zero})` : sum;
}

/** The second pass of a product whose summed dimension was split: [splits, ...shape] to shape. */
export function sumSplits(
  backend: WebGPUBackend,
  partial: TensorInfo,
  shape: readonly number[],
  finish: Finish,
): TensorInfo {
  const columns = shape.at(-1)!;
  const components = componentsOf(columns);
  const count = util.sizeFromShape([...shape]) / components;
  return runAtEach(
    backend,
    {
      key: `sum splits ${components} ${finish.activation} ${finish.bias !== null}`,
      inputs: [
        { name: 'partial', components },
        ...(finish.bias ? [{ name: 'bias', components: 1 } as const] : []),
      ],
      outputShape: shape,
      outputComponents: components,
      count,
      uniforms: { splits: partial.shape[0]!, columns },
      code: `
      var sum = partial[at];
      for (var split = 1; split < uniforms.splits; split++) {
        sum += partial[split * uniforms.count + at];
      }
      let column = at * ${components} % uniforms.columns;
      result[at] = ${finishCode(finish, 'sum', 'column', components)};
      `,
    },
    [partial, ...(finish.bias ? [finish.bias] : [])],
  );
}
