import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { MaxPoolGrad, type MaxPoolGradAttrs, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { halvesExactly } from '../../kernels/halves-exactly.js';
import { replacing } from './replacing.js';
import { componentsOf, runAtEach } from './shader.js';

/**
 * dX of 2x2 max pooling with stride 2: x is [N, 2 H, 2 W, C], dy [N, H, W, C]. The first largest of a
 * window gets its dy. Every value is read and written once.
 */
export function maxPoolGrad2x2(backend: WebGPUBackend, x: TensorInfo, dy: TensorInfo): TensorInfo {
  const channels = x.shape.at(-1)!;
  const components = componentsOf(channels);
  const lanes = channels / components;
  const count = util.sizeFromShape(dy.shape) / components;
  const type = components === 4 ? 'vec4<f32>' : 'f32';
  return runAtEach(
    backend,
    {
      key: `max pool gradient ${components}`,
      inputs: [
        { name: 'x', components },
        { name: 'dy', components },
      ],
      outputShape: x.shape,
      outputComponents: components,
      count,
      uniforms: { lanes, width: dy.shape[2]! },
      code: `
      let window = at / uniforms.lanes;
      let line = 2 * uniforms.width * uniforms.lanes;
      let first = (window / uniforms.width * 2) * line
        + (window % uniforms.width * 2) * uniforms.lanes + at % uniforms.lanes;
      let second = first + uniforms.lanes;
      let third = first + line;
      let fourth = third + uniforms.lanes;
      let largest = max(max(x[first], x[second]), max(x[third], x[fourth]));
      let gradient = dy[at];
      let none = ${type}(0.0);
      let is1 = x[first] == largest;
      let is2 = (x[second] == largest) & !is1;
      let is3 = (x[third] == largest) & !is1 & !is2;
      result[first] = select(none, gradient, is1);
      result[second] = select(none, gradient, is2);
      result[third] = select(none, gradient, is3);
      result[fourth] = select(gradient, none, is1 | is2 | is3);
      `,
    },
    [x, dy],
  );
}

export const maxPoolGradConfig = () =>
  replacing(MaxPoolGrad, (original) => (args) => {
    const { dy, input } = args.inputs as unknown as Record<'dy' | 'input', TensorInfo>;
    const isTwoByTwo = halvesExactly(input.shape, args.attrs as unknown as MaxPoolGradAttrs);
    if (!isTwoByTwo || input.dtype !== 'float32' || dy.dtype !== 'float32') return original(args);
    return maxPoolGrad2x2(args.backend as WebGPUBackend, input, dy);
  });
