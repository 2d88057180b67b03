import {
  Conv2D,
  Conv2DBackpropFilter,
  Conv2DBackpropInput,
  engine,
  type NamedTensorMap,
  ones,
  sum,
  type Tensor,
  tidy,
} from '@tensorflow/tfjs-core';

const pixels: [number, number, number, number] = [1, 4, 4, 1];
const taps: [number, number, number, number] = [3, 3, 1, 1];

/**
 * A convolution of ones by ones and its two gradients, whose sums are known: a native library that
 * loads but computes nonsense, or dies of its first kernel, shows it here and not in the first
 * training. Kernels are called by name: the gradient of an operation comes only with tfjs-layers,
 * which takes as long to load as all the rest. Throws where a number is wrong.
 */
export async function selfTest(): Promise<void> {
  const shared = { strides: 1, pad: 'same', dataFormat: 'NHWC' };
  const image = { shape: pixels };
  const filter = { shape: taps };
  const kernels = [
    { name: Conv2D, inputs: { x: image, filter }, attributes: { ...shared, dilations: 1 } },
    {
      name: Conv2DBackpropInput,
      inputs: { dy: image, filter },
      attributes: { ...shared, inputShape: pixels },
    },
    {
      name: Conv2DBackpropFilter,
      inputs: { x: image, dy: image },
      attributes: { ...shared, filterShape: taps },
    },
  ];
  for (const { name, inputs, attributes } of kernels) {
    const total = tidy(() => {
      const tensors = Object.entries(inputs).map(([key, { shape }]) => [key, ones(shape)]);
      const output: Tensor = engine().runKernel(
        name,
        Object.fromEntries(tensors) as NamedTensorMap,
        attributes,
      ) as Tensor;
      return sum(output);
    });
    const [value] = await total.data();
    total.dispose();
    // In each of the three, 4x4 pixels meet 3x3 weights but for those beyond the edge.
    if (value !== 100) throw new Error(`self-test: ${name} gave ${value}, not 100`);
  }
}
