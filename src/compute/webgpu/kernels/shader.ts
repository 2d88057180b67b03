import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { type TensorInfo, util } from '@tensorflow/tfjs-core';

/** float32 read one by one, or four at a time where the innermost extent divides by four. */
export type Components = 1 | 4;

/**
 * One compute shader as TensorFlow.js' WebGPU backend runs them. It declares the bindings: `result`,
 * the inputs by name, and `uniforms` with a number for each name in `uniforms`; `code` has
 * `fn main()` (grid 'blocks': `workgroupId`, `localIndex`) or `fn main(index: i32)` (grid 'flat').
 */
export interface Shader {
  /** Distinguishes code: two shaders of one key must have the same. */
  readonly key: string;
  readonly inputs: readonly { readonly name: string; readonly components: Components }[];
  readonly outputShape: readonly number[];
  readonly outputComponents: Components;
  readonly workgroupSize: number;
  readonly grid: 'flat' | 'blocks';
  readonly workgroups: readonly [number, number, number];
  readonly uniforms: Readonly<Record<string, number>>;
  readonly code: string;
}

/** Encodes the shader for the device, to be run in its turn; returns its output at once. */
export function runShader(
  backend: WebGPUBackend,
  shader: Shader,
  tensors: readonly TensorInfo[],
): TensorInfo {
  const names = Object.keys(shader.uniforms);
  const isFlat = shader.grid === 'flat';
  const output = backend.runWebGPUProgram(
    {
      shaderKey: shader.key,
      variableNames: shader.inputs.map(({ name }) => name),
      variableComponents: shader.inputs.map(({ components }) => components),
      outputShape: [1, util.sizeFromShape([...shader.outputShape])],
      outputComponent: shader.outputComponents,
      workgroupSize: [shader.workgroupSize, 1, 1],
      // Only whether y is used matters: it makes the difference between the two forms of main.
      dispatchLayout: isFlat ? { x: [0] } : { x: [0], y: [1] },
      dispatch: [...shader.workgroups],
      uniforms: names.map((name) => `${name}: i32, `).join(''),
      getUserCode: () => shader.code,
    },
    // The backend compiles anew for each relation of shapes that it sees; in this form it sees none.
    tensors.map((tensor) => ({ ...tensor, shape: [util.sizeFromShape(tensor.shape)] })),
    'float32',
    names.map((name) => ({ type: 'int32', data: [shader.uniforms[name]!] })),
  );
  return { ...output, shape: [...shader.outputShape] };
}

/** A shader that does the same at each of so many places; `code` is what it does `at` one of them. */
export type ShaderAtEach = Omit<Shader, 'workgroupSize' | 'grid' | 'workgroups'> & {
  readonly count: number;
};

const threads = 64;

export function runAtEach(
  backend: WebGPUBackend,
  { count, uniforms, code, ...shader }: ShaderAtEach,
  tensors: readonly TensorInfo[],
): TensorInfo {
  return runShader(
    backend,
    {
      ...shader,
      workgroupSize: threads,
      grid: 'flat',
      workgroups: [Math.ceil(count / threads), 1, 1],
      uniforms: { count, ...uniforms },
      code: `
    fn main(at: i32) {
      if (at >= uniforms.count) { return; }
      ${code.trim()}
    }`,
    },
    tensors,
  );
}

export function componentsOf(innermost: number): Components {
  return innermost % 4 === 0 ? 4 : 1;
}
