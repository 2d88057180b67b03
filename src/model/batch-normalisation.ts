import {
  add,
  batchNorm,
  customGrad,
  dispose,
  getBackend,
  keep,
  mean as meanOf,
  mul,
  rsqrt,
  serialization,
  square,
  sub,
  sum,
  type Tensor,
  type Tensor1D,
  type Tensor4D,
  tidy,
  type Variable,
} from '@tensorflow/tfjs-core';
import { initializers, layers } from '@tensorflow/tfjs-layers';
import { moveTowards } from './move-towards.js';

/** Batch normalisation of one backend; [n, height, width, channels] over all but the last axis. */
export interface BatchNormalisation {
  /** y = (x - mean) / sqrt(variance + epsilon) * scale + offset, by the batch's own mean and population variance. */
  forward(
    x: Tensor4D,
    scale: Tensor,
    offset: Tensor,
    epsilon: number,
  ): { y: Tensor4D; mean: Tensor1D; variance: Tensor1D };
  gradient(
    dy: Tensor4D,
    x: Tensor4D,
    scale: Tensor,
    mean: Tensor,
    variance: Tensor,
    epsilon: number,
  ): { x: Tensor4D; scale: Tensor1D; offset: Tensor1D };
}

const ofBackend = new Map<string, BatchNormalisation>();

/** From now on a backend does this by itself, in two passes over the images each way. */
export function registerBatchNormalisation(
  backendName: string,
  normalisation: BatchNormalisation,
): void {
  ofBackend.set(backendName, normalisation);
}

const allButChannels = [0, 1, 2];

/** Of plain TensorFlow.js kernels; also what the others are tested against. */
export const composedNormalisation: BatchNormalisation = {
  forward(x, scale, offset, epsilon) {
    const mean = meanOf(x, allButChannels) as Tensor1D;
    const variance = meanOf(square(sub(x, mean)), allButChannels) as Tensor1D;
    const factor = mul(rsqrt(add(variance, epsilon)), scale);
    const y = add(mul(x, factor), sub(offset, mul(mean, factor))) as Tensor4D;
    return { y, mean, variance };
  },
  gradient(dy, x, scale, mean, variance, epsilon) {
    const count = x.size / x.shape[3];
    const inverse = rsqrt(add(variance, epsilon));
    const dOffset = sum(dy, allButChannels) as Tensor1D;
    const product = sum(mul(dy, x), allButChannels);
    const dScale = mul(sub(product, mul(mean, dOffset)), inverse) as Tensor1D;
    const ofGradient = mul(scale, inverse);
    const ofImage = mul(mul(ofGradient, mul(inverse, dScale)), -1 / count);
    const shift = sub(mul(mul(ofGradient, dOffset), -1 / count), mul(ofImage, mean));
    const dx = add(add(mul(dy, ofGradient), mul(x, ofImage)), shift) as Tensor4D;
    return { x: dx, scale: dScale, offset: dOffset };
  },
};

/** Normalises by the batch, with a gradient; the statistics are the caller's to dispose of. */
export function normalisedByBatch(
  x: Tensor4D,
  scale: Tensor,
  offset: Tensor,
  epsilon: number,
): { y: Tensor4D; mean: Tensor1D; variance: Tensor1D } {
  const kernels = ofBackend.get(getBackend()) ?? composedNormalisation;
  let statistics: readonly [Tensor1D, Tensor1D] | undefined;
  const normalise = customGrad((...args: unknown[]) => {
    const [image, factor, shift, save] = args as [
      Tensor4D,
      Tensor,
      Tensor,
      (tensors: Tensor[]) => void,
    ];
    const { y, mean, variance } = kernels.forward(image, factor, shift, epsilon);
    statistics = [keep(mean), keep(variance)];
    save([image, factor, mean, variance]);
    return {
      value: y,
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [input, ofScale, savedMean, savedVariance] = saved;
        const gradients = kernels.gradient(
          dy as Tensor4D,
          input as Tensor4D,
          ofScale!,
          savedMean!,
          savedVariance!,
          epsilon,
        );
        return [gradients.x, gradients.scale, gradients.offset];
      },
    };
  });
  const y = normalise(x, scale, offset) as Tensor4D;
  return { y, mean: statistics![0], variance: statistics![1] };
}

type LayerConfig = ConstructorParameters<typeof layers.Layer>[0] & {
  readonly momentum?: number;
  readonly epsilon?: number;
};
type Weight = ReturnType<InstanceType<typeof layers.Layer>['addWeight']>;

/**
 * Keras' layer of this name, with its weights and in its saved form: a model that has it loads
 * anywhere. TensorFlow.js' own takes a dozen passes over the images for a training step.
 */
export class BatchNormalisationLayer extends layers.Layer {
  static className = 'BatchNormalization';

  private readonly momentum: number;
  private readonly epsilon: number;
  private scale!: Weight;
  private offset!: Weight;
  private movingMean!: Weight;
  private movingVariance!: Weight;

  constructor(config: LayerConfig = {}) {
    super(config);
    this.momentum = config.momentum ?? 0.9;
    this.epsilon = config.epsilon ?? 1e-3;
  }

  override build(inputShape: (number | null)[]): void {
    const channels = [inputShape.at(-1)!];
    const [zeros, ones] = [initializers.zeros(), initializers.ones()];
    this.scale = this.addWeight('gamma', channels, 'float32', ones);
    this.offset = this.addWeight('beta', channels, 'float32', zeros);
    this.movingMean = this.addWeight('moving_mean', channels, 'float32', zeros, undefined, false);
    this.movingVariance = this.addWeight(
      'moving_variance',
      channels,
      'float32',
      ones,
      undefined,
      false,
    );
    this.built = true;
  }

  override call(inputs: Tensor | Tensor[], kwargs: { readonly training?: boolean }): Tensor {
    const x = (Array.isArray(inputs) ? inputs[0] : inputs) as Tensor4D;
    const [scale, offset] = [this.scale.read(), this.offset.read()];
    if (!kwargs.training) {
      const [mean, variance] = [this.movingMean.read(), this.movingVariance.read()];
      return tidy(() =>
        batchNorm(
          x,
          mean as Tensor1D,
          variance as Tensor1D,
          offset as Tensor1D,
          scale as Tensor1D,
          this.epsilon,
        ),
      );
    }
    const { y, mean, variance } = normalisedByBatch(x, scale, offset, this.epsilon);
    const statistics = [
      { average: this.movingMean.read() as Variable, value: mean },
      { average: this.movingVariance.read() as Variable, value: variance },
    ];
    moveTowards(statistics, 1 - this.momentum);
    dispose([mean, variance]);
    return y;
  }

  override getConfig(): serialization.ConfigDict {
    return {
      ...super.getConfig(),
      axis: -1,
      momentum: this.momentum,
      epsilon: this.epsilon,
      center: true,
      scale: true,
    };
  }
}

serialization.registerClass(BatchNormalisationLayer);
