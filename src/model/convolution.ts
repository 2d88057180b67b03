import {
  Conv2DBackpropFilter,
  Conv2DBackpropInput,
  customGrad,
  engine,
  getBackend,
  type NamedTensorMap,
  serialization,
  sum,
  type Tensor,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';

/** A convolution of one backend with bias and relu in one kernel, for training; stride 1, pad 'same', NHWC. */
export interface ReluConvolution {
  /** relu(x * filter + bias); what is no number stays none. */
  forward(x: Tensor4D, filter: Tensor, bias: Tensor): Tensor4D;
  /** dy where y is above 0, and 0 elsewhere. */
  reluGradient(dy: Tensor4D, y: Tensor4D): Tensor4D;
}

const ofBackend = new Map<string, ReluConvolution>();

/** From now on a backend does this by itself: TensorFlow.js fuses the three in predictions only. */
export function registerReluConvolution(backendName: string, convolution: ReluConvolution): void {
  ofBackend.set(backendName, convolution);
}

/** @param isFirst whether x is the image, by which nobody asks for a gradient */
function reluConvolution(
  kernels: ReluConvolution,
  x: Tensor4D,
  filter: Tensor,
  bias: Tensor,
  isFirst: boolean,
): Tensor4D {
  const shared = { strides: 1, pad: 'same', dataFormat: 'NHWC' };
  const convolve = customGrad((...args: unknown[]) => {
    const save = args.at(-1) as (tensors: Tensor[]) => void;
    const y = kernels.forward(x, filter, bias);
    save([x, filter, y]);
    const gradFunc = (dy: Tensor, saved: Tensor[]) => {
      const [input, ofFilter, output] = saved as [Tensor4D, Tensor, Tensor4D];
      const dz = kernels.reluGradient(dy as Tensor4D, output);
      const byFilter = run(
        Conv2DBackpropFilter,
        { x: input, dy: dz },
        { ...shared, filterShape: ofFilter.shape },
      );
      const byBias = sum(dz, [0, 1, 2]);
      if (isFirst) return [byFilter, byBias];
      const byInput = run(
        Conv2DBackpropInput,
        { dy: dz, filter: ofFilter },
        { ...shared, inputShape: input.shape },
      );
      return [byFilter, byBias, byInput];
    };
    return { value: y, gradFunc };
  });
  return (isFirst ? convolve(filter, bias) : convolve(filter, bias, x)) as Tensor4D;
}

function run(kernel: string, inputs: NamedTensorMap, attributes: object): Tensor {
  return engine().runKernel(kernel, inputs, { ...attributes }) as Tensor;
}

type Config = Parameters<typeof layers.conv2d>[0];
type Layer = InstanceType<typeof layers.Layer>;

/** TensorFlow.js hands out its layers, not their classes. */
const Conv2D = layers.conv2d({ filters: 1, kernelSize: 1 }).constructor as unknown as (new (
  config: Config,
) => Layer) &
  Pick<typeof layers.Layer, 'fromConfig'>;

/** Keras' layer of this name, which in training fuses where the backend can. */
export class ConvolutionLayer extends Conv2D {
  static className = 'Conv2D';

  private isFusable = false;

  override build(inputShape: (number | null)[]): void {
    super.build(inputShape);
    const { activation, useBias, padding, strides, dilationRate, dataFormat } = this.getConfig();
    const areOne = (extents: unknown) => [extents].flat().every((extent) => extent === 1);
    this.isFusable =
      activation === 'relu' &&
      useBias === true &&
      padding === 'same' &&
      dataFormat === 'channelsLast' &&
      areOne(strides) &&
      areOne(dilationRate);
  }

  override call(inputs: Tensor | Tensor[], kwargs: { readonly training?: boolean }) {
    const kernels = ofBackend.get(getBackend());
    if (!kwargs.training || !kernels || !this.isFusable) return super.call(inputs, kwargs);
    const x = (Array.isArray(inputs) ? inputs[0] : inputs) as Tensor4D;
    const [filter, bias] = this.weights.map((weight) => weight.read());
    const below = this.inboundNodes[0]?.inboundLayers[0]?.getClassName();
    return reluConvolution(kernels, x, filter!, bias!, below === 'InputLayer');
  }
}

serialization.registerClass(ConvolutionLayer);
