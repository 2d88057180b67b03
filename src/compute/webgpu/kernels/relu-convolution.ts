import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import {
  backend as currentBackend,
  engine,
  FusedConv2D,
  type Tensor4D,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import type { ReluConvolution } from '../../../model/convolution.js';
import { componentsOf, runAtEach } from './shader.js';

export const reluConvolution: ReluConvolution = {
  forward(x, filter, bias) {
    const attributes = {
      strides: 1,
      pad: 'same',
      dataFormat: 'NHWC',
      dilations: 1,
      activation: 'relu',
    };
    return engine().runKernel(FusedConv2D, { x, filter, bias }, attributes) as Tensor4D;
  },
  reluGradient(dy, y) {
    const gradient = reluGradient(currentBackend() as WebGPUBackend, dy, y, dy.size);
    return engine().makeTensorFromTensorInfo(gradient) as Tensor4D;
  },
};

function reluGradient(
  backend: WebGPUBackend,
  dy: TensorInfo,
  y: TensorInfo,
  size: number,
): TensorInfo {
  const components = componentsOf(size);
  const count = size / components;
  const none = components === 4 ? 'vec4<f32>(0.0)' : '0.0';
  return runAtEach(
    backend,
    {
      key: `relu gradient ${components}`,
      inputs: [
        { name: 'dy', components },
        { name: 'y', components },
      ],
      outputShape: dy.shape,
      outputComponents: components,
      count,
      uniforms: {},
      code: `
      result[at] = select(dy[at], ${none}, y[at] <= ${none});
      `,
    },
    [dy, y],
  );
}
