import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import {
  backend as currentBackend,
  engine,
  type Tensor,
  type Tensor1D,
  type Tensor4D,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import type { BatchNormalisation } from '../../../model/batch-normalisation.js';
import { columnCovariances, columnSums, columnVariances } from './column-sums.js';
import { type Components, componentsOf, runAtEach } from './shader.js';

/**
 * Two sums over the images (mean, then the squared differences from it) and one pass that writes,
 * each way; of plain kernels it is some forty.
 */
export const batchNormalisation: BatchNormalisation = {
  forward(x, scale, offset, epsilon) {
    const webgpu = currentBackend() as WebGPUBackend;
    const columns = x.shape[3];
    const mean = columnSums(webgpu, x, [columns], x.size / columns);
    const variance = columnVariances(webgpu, x, mean);
    const y = normalised(webgpu, x, mean, variance, scale, offset, epsilon);
    return { y: asTensor<Tensor4D>(y), mean: asTensor(mean), variance: asTensor(variance) };
  },
  gradient(dy, x, scale, mean, variance, epsilon) {
    const webgpu = currentBackend() as WebGPUBackend;
    const sums = columnSums(webgpu, dy, [x.shape[3]], 1);
    const products = columnCovariances(webgpu, dy, x, mean);
    const dScale = scaleGradient(webgpu, products, variance, epsilon);
    const dx = imageGradient(webgpu, { dy, x, mean, variance, scale, sums, dScale }, epsilon);
    webgpu.disposeData(products.dataId);
    return { x: asTensor<Tensor4D>(dx), scale: asTensor(dScale), offset: asTensor(sums) };
  },
};

function asTensor<T extends Tensor = Tensor1D>(info: TensorInfo): T {
  return engine().makeTensorFromTensorInfo(info) as T;
}

/** (x - mean) / sqrt(variance + epsilon) * scale + offset */
function normalised(
  backend: WebGPUBackend,
  x: TensorInfo,
  mean: TensorInfo,
  variance: TensorInfo,
  scale: TensorInfo,
  offset: TensorInfo,
  epsilon: number,
): TensorInfo {
  return overPixels(backend, {
    key: 'batch normalisation',
    arrays: { x },
    perColumn: { mean, variance, scale, offset },
    epsilon,
    code: '(x[at] - mean[lane]) * (scale[lane] * inverseSqrt(variance[lane] + epsilon)) + offset[lane]',
  });
}

/** The gradient by scale: the sums of dy times the normalised image. */
function scaleGradient(
  backend: WebGPUBackend,
  products: TensorInfo,
  variance: TensorInfo,
  epsilon: number,
): TensorInfo {
  return overPixels(backend, {
    key: 'batch normalisation, scale gradient',
    arrays: { products, variance },
    perColumn: {},
    epsilon,
    code: 'products[at] * inverseSqrt(variance[at] + epsilon)',
  });
}

/** With h the normalised image: scale / sqrt(variance + epsilon) * (dy - mean(dy) - h mean(dy h)). */
function imageGradient(
  backend: WebGPUBackend,
  tensors: Readonly<
    Record<'dy' | 'x' | 'mean' | 'variance' | 'scale' | 'sums' | 'dScale', TensorInfo>
  >,
  epsilon: number,
): TensorInfo {
  const { dy, x, ...perColumn } = tensors;
  return overPixels(backend, {
    key: 'batch normalisation, image gradient',
    arrays: { dy, x },
    perColumn,
    epsilon,
    code: `scale[lane] * inverseSqrt(variance[lane] + epsilon) * (dy[at]
        - (sums[lane] + (x[at] - mean[lane]) * inverseSqrt(variance[lane] + epsilon) * dScale[lane])
          / f32(uniforms.rows))`,
  });
}

interface Pass {
  readonly key: string;
  /** [..., columns], all of one shape, which is the result's. */
  readonly arrays: Readonly<Record<string, TensorInfo>>;
  /** [columns] */
  readonly perColumn: Readonly<Record<string, TensorInfo>>;
  readonly epsilon: number;
  /** WGSL of the result: `at` is the place in the arrays, `lane` that in what is there per column. */
  readonly code: string;
}

function overPixels(
  backend: WebGPUBackend,
  { key, arrays, perColumn, epsilon, code }: Pass,
): TensorInfo {
  const { shape } = Object.values(arrays)[0]!;
  const columns = shape.at(-1)!;
  const components: Components = componentsOf(columns);
  const count = util.sizeFromShape(shape) / components;
  const inputs = { ...arrays, ...perColumn };
  return runAtEach(
    backend,
    {
      key: `${key} ${components} ${epsilon}`,
      inputs: Object.keys(inputs).map((name) => ({ name, components })),
      outputShape: shape,
      outputComponents: components,
      count,
      uniforms: { lanes: columns / components, rows: util.sizeFromShape(shape) / columns },
      code: `
      let lane = at % uniforms.lanes;
      let epsilon = f32(${epsilon});
      result[at] = ${code};
      `,
    },
    Object.values(inputs),
  );
}
