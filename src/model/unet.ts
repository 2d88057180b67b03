import { type Tensor, type Tensor2D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { initializers, type LayersModel, layers, model } from '@tensorflow/tfjs-layers';
import type { GridSize } from '../operators/image.js';
import { fail, ok, type Result } from '../operators/result.js';
import { randomFrom } from '../operators/seeded-random.js';
import { BatchNormalisationLayer } from './batch-normalisation.js';
import { ConvolutionLayer } from './convolution.js';
import { sizeProblem } from './network-size.js';
import type { Recipe } from './recipe.js';

export interface UNetOptions
  extends Pick<Recipe, 'filters' | 'initializer'>,
    Partial<Pick<Recipe, 'blockNormalisation' | 'presenceWeight' | 'initialProbability'>> {
  readonly size: GridSize;
  /** Every layer draws from a stream of its own, derived from this seed and the layer's name. */
  readonly seed: number;
}

type Symbolic = ReturnType<typeof layers.input>;
type Initializer = ReturnType<typeof initializers.zeros>;

/**
 * The U-Net of Marko Jocic's Keras tutorial for Kaggle's Ultrasound Nerve Segmentation (2016):
 * two 3x3 relu convolutions a level, 2x2 max pooling down, 2x2 transposed convolutions up,
 * `[up, skip]` concatenated. [n, height, width, 1] in, foreground probability of the same shape
 * out. With 32 filters it has 7,759,521 parameters.
 *
 * A recipe may have each 3x3 convolution followed by batch normalisation, and a second output
 * [n, 1], the probability that there is any foreground, from the mean of the lowest level's channels.
 *
 * The last sigmoids are layers of their own, so that the loss can start from the logits
 * (see `logitsOf`).
 *
 * Fails with `SIZE_NOT_DIVISIBLE` when height or width is no positive multiple of 16.
 */
export function buildUNet(options: UNetOptions): Result<LayersModel, 'SIZE_NOT_DIVISIBLE'> {
  const { size, filters, initialProbability: prior = 0.5 } = options;
  const wrong = sizeProblem(size);
  if (wrong) return fail('SIZE_NOT_DIVISIBLE', wrong);

  const twoConvolutions = (input: Symbolic, count: number, name: string): Symbolic =>
    convolution(convolution(input, count, `${name}a`), count, `${name}b`);

  const convolution = (input: Symbolic, count: number, name: string): Symbolic => {
    const convolved = new ConvolutionLayer({
      name,
      filters: count,
      kernelSize: 3,
      padding: 'same',
      activation: 'relu',
      kernelInitializer: initializerOf(options, name),
    }).apply(input) as Symbolic;
    switch (options.blockNormalisation ?? 'none') {
      case 'none':
        return convolved;
      case 'batch':
        // After the relu: backends fuse bias and relu with the convolution.
        return new BatchNormalisationLayer({ name: `${name}-norm` }).apply(convolved) as Symbolic;
    }
  };

  const pool = (input: Symbolic, name: string): Symbolic =>
    layers.maxPooling2d({ name, poolSize: 2, strides: 2 }).apply(input) as Symbolic;

  const upAndJoin = (below: Symbolic, skip: Symbolic, count: number, level: number): Symbolic => {
    const name = `up${level}`;
    const up = layers
      .conv2dTranspose({
        name,
        filters: count,
        kernelSize: 2,
        strides: 2,
        padding: 'same',
        kernelInitializer: initializerOf(options, name),
      })
      .apply(below) as Symbolic;
    return layers.concatenate({ name: `join${level}`, axis: 3 }).apply([up, skip]) as Symbolic;
  };

  const input = layers.input({ name: 'image', shape: [size.height, size.width, 1] });
  const down1 = twoConvolutions(input, filters, 'down1');
  const down2 = twoConvolutions(pool(down1, 'pool1'), filters * 2, 'down2');
  const down3 = twoConvolutions(pool(down2, 'pool2'), filters * 4, 'down3');
  const down4 = twoConvolutions(pool(down3, 'pool3'), filters * 8, 'down4');
  const bottom = twoConvolutions(pool(down4, 'pool4'), filters * 16, 'bottom');
  const up4 = twoConvolutions(upAndJoin(bottom, down4, filters * 8, 4), filters * 8, 'merge4');
  const up3 = twoConvolutions(upAndJoin(up4, down3, filters * 4, 3), filters * 4, 'merge3');
  const up2 = twoConvolutions(upAndJoin(up3, down2, filters * 2, 2), filters * 2, 'merge2');
  const up1 = twoConvolutions(upAndJoin(up2, down1, filters, 1), filters, 'merge1');
  const logits = layers
    .conv2d({
      name: logitsLayer,
      filters: 1,
      kernelSize: 1,
      kernelInitializer: initializerOf(options, logitsLayer),
      biasInitializer: initializers.constant({ value: Math.log(prior / (1 - prior)) }),
    })
    .apply(up1) as Symbolic;
  const probability = layers
    .activation({ name: 'probability', activation: 'sigmoid' })
    .apply(logits) as Symbolic;
  if (!options.presenceWeight) {
    return ok(model({ name: 'unet', inputs: input, outputs: probability }));
  }
  // A convolution, not a dense layer after the mean: the same function, of kernels that are here
  // already (TensorFlow.js' wasm matrix product would go on with the weights it first saw).
  const evidence = layers
    .conv2d({
      name: 'presence-evidence',
      filters: 1,
      kernelSize: 1,
      kernelInitializer: initializerOf(options, 'presence-evidence'),
    })
    .apply(bottom) as Symbolic;
  const presenceLogit = layers
    .globalAveragePooling2d({ name: presenceLogitLayer })
    .apply(evidence) as Symbolic;
  const presence = layers
    .activation({ name: 'presence', activation: 'sigmoid' })
    .apply(presenceLogit) as Symbolic;
  return ok(model({ name: 'unet', inputs: input, outputs: [probability, presence] }));
}

const logitsLayer = 'logits';
const presenceLogitLayer = 'presence-logit';

/**
 * The same layers and weights, ending before the sigmoids: what training differentiates. One output,
 * or two where the network tells presence.
 */
export function logitsOf(unet: LayersModel): LayersModel {
  const names = unet.outputs.length > 1 ? [logitsLayer, presenceLogitLayer] : [logitsLayer];
  const outputs = names.map((name) => unet.getLayer(name).output as Symbolic);
  return model({ name: `${unet.name}-logits`, inputs: unet.inputs, outputs });
}

/** What a network makes of images [n, height, width, 1]; presence [n, 1] where it tells that. */
export interface NetworkOutput {
  readonly mask: Tensor4D;
  readonly presence: Tensor2D | null;
}

/** Runs a network, or what `logitsOf` makes of it; the outputs are the caller's to dispose of. */
export function applyNetwork(
  network: LayersModel,
  images: Tensor4D,
  { training = false } = {},
): NetworkOutput {
  const outputs = tidy(() => [network.apply(images, { training }) as Tensor | Tensor[]].flat());
  const [mask, presence = null] = outputs;
  return { mask: mask as Tensor4D, presence: presence as Tensor2D | null };
}

function initializerOf({ initializer, seed }: UNetOptions, layer: string): Initializer {
  const layerSeed = Math.floor(randomFrom(seed, 'initializer', layer)() * 0x7fffffff);
  switch (initializer) {
    case 'glorotUniform':
      return initializers.glorotUniform({ seed: layerSeed });
    case 'heNormal':
      return initializers.heNormal({ seed: layerSeed });
  }
}
