import {
  add,
  div,
  mul,
  neg,
  type Scalar,
  sum,
  type Tensor,
  type Tensor4D,
  type Variable,
  variableGrads,
} from '@tensorflow/tfjs-core';
import {
  initializers,
  input,
  type LayersModel,
  layers,
  model,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';

/** The tutorial's U-Net with fewer levels: every kind of layer that it has, seeded. */
export function smallUnet(height: number, width: number, filters: number, levels = 3): LayersModel {
  let seed = 1;
  const kernelInitializer = () => initializers.heNormal({ seed: seed++ });
  const convolution = (x: SymbolicTensor, count: number): SymbolicTensor => {
    let h = x;
    for (let i = 0; i < 2; i++) {
      h = layers
        .conv2d({
          filters: count,
          kernelSize: 3,
          padding: 'same',
          activation: 'relu',
          kernelInitializer: kernelInitializer(),
        })
        .apply(h) as SymbolicTensor;
    }
    return h;
  };
  const x = input({ shape: [height, width, 1] });
  const skips: SymbolicTensor[] = [];
  let h: SymbolicTensor = x;
  for (let level = 0; level < levels - 1; level++) {
    h = convolution(h, filters << level);
    skips.push(h);
    h = layers.maxPooling2d({ poolSize: 2 }).apply(h) as SymbolicTensor;
  }
  h = convolution(h, filters << (levels - 1));
  for (let level = levels - 2; level >= 0; level--) {
    const up = layers
      .conv2dTranspose({
        filters: filters << level,
        kernelSize: 2,
        strides: 2,
        padding: 'same',
        kernelInitializer: kernelInitializer(),
      })
      .apply(h) as SymbolicTensor;
    const joined = layers.concatenate().apply([up, skips[level]!]) as SymbolicTensor;
    h = convolution(joined, filters << level);
  }
  const y = layers
    .conv2d({
      filters: 1,
      kernelSize: 1,
      activation: 'sigmoid',
      kernelInitializer: kernelInitializer(),
    })
    .apply(h) as SymbolicTensor;
  return model({ inputs: x, outputs: y });
}

/** -(2 sum(t p) + 1) / (sum(t) + sum(p) + 1) */
export function negativeDice(truth: Tensor, probability: Tensor): Scalar {
  const both = sum(mul(truth, probability));
  const all = add(sum(truth), sum(probability));
  return neg(div(add(mul(both, 2), 1), add(all, 1)));
}

/** Loss and the gradient of each weight, in the order of the model's weights. */
export function lossAndGradients(
  net: LayersModel,
  x: Tensor4D,
  truth: Tensor4D,
): { loss: Scalar; gradients: Tensor[] } {
  const weights = net.trainableWeights.map((w) => w.read() as Variable);
  const { value, grads } = variableGrads(
    () => negativeDice(truth, net.apply(x, { training: true }) as Tensor),
    weights,
  );
  return { loss: value, gradients: weights.map((w) => grads[w.name]!) };
}
