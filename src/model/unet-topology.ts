import type { GridSize } from '../operators/image.js';
import type { Recipe } from './recipe.js';

/** What decides which layers a U-Net has. */
export interface UNetShape
  extends Pick<Recipe, 'filters' | 'blockNormalisation' | 'presenceWeight'> {
  readonly size: GridSize;
  /** The Keras tutorial repeated pixels before May 2017, then it learnt to enlarge. */
  readonly enlarging: 'transposed-convolution' | 'repeated-pixels';
}

interface LayerEntry {
  readonly name: string;
  readonly class_name: string;
  readonly config: object;
  readonly inbound_nodes: unknown;
}

/**
 * The network of `buildUNet` as its saved form tells it, in the same order, made without TensorFlow.js;
 * how weights begin is left out. A test holds the two to each other.
 */
export function unetTopology(shape: UNetShape): object {
  const { size, filters, blockNormalisation, presenceWeight, enlarging } = shape;
  const layers: LayerEntry[] = [];
  const add = (
    class_name: string,
    name: string,
    inputs: readonly string[],
    config: object,
  ): string => {
    const inbound = inputs.map((input) => [input, 0, 0, {}]);
    const inbound_nodes = inputs.length === 0 ? [] : [inbound];
    layers.push({ name, class_name, config: { ...config, name }, inbound_nodes });
    return name;
  };
  const convolution = (input: string, count: number, name: string): string => {
    const convolved = add('Conv2D', name, [input], convolutionConfig(count, 3, 'same', 'relu'));
    if (blockNormalisation === 'none') return convolved;
    const config = { trainable: true, axis: -1, momentum: 0.9, epsilon: 1e-3 };
    const norm = { ...config, center: true, scale: true };
    return add('BatchNormalization', `${name}-norm`, [convolved], norm);
  };
  const twoConvolutions = (input: string, count: number, name: string): string =>
    convolution(convolution(input, count, `${name}a`), count, `${name}b`);
  const pool = (input: string, name: string): string =>
    add('MaxPooling2D', name, [input], {
      pool_size: [2, 2],
      padding: 'valid',
      strides: [2, 2],
      ...channelsLast,
    });
  const enlarge = (below: string, count: number, name: string): string => {
    if (enlarging === 'repeated-pixels') {
      return add('UpSampling2D', name, [below], { size: [2, 2], ...channelsLast });
    }
    const { dilation_rate: _, ...config } = convolutionConfig(count, 2, 'same', 'linear');
    return add('Conv2DTranspose', name, [below], { ...config, strides: [2, 2] });
  };

  let at = add('InputLayer', 'image', [], {
    batch_input_shape: [null, size.height, size.width, 1],
    dtype: 'float32',
    sparse: false,
  });
  const skips: string[] = [];
  for (const level of [1, 2, 3, 4]) {
    at = twoConvolutions(at, filters * 2 ** (level - 1), `down${level}`);
    skips.push(at);
    at = pool(at, `pool${level}`);
  }
  const bottom = twoConvolutions(at, filters * 16, 'bottom');
  at = bottom;
  for (const level of [4, 3, 2, 1]) {
    const count = filters * 2 ** (level - 1);
    const up = enlarge(at, count, `up${level}`);
    const inputs = [up, skips[level - 1]!];
    const joined = add('Concatenate', `join${level}`, inputs, { axis: 3, trainable: true });
    at = twoConvolutions(joined, count, `merge${level}`);
  }
  const hasPresence = presenceWeight > 0;
  const last = convolutionConfig(1, 1, 'valid', 'linear');
  if (hasPresence) add('Conv2D', 'presence-evidence', [bottom], last);
  add('Conv2D', 'logits', [at], last);
  if (hasPresence) {
    add('GlobalAveragePooling2D', 'presence-logit', ['presence-evidence'], channelsLast);
  }
  add('Activation', 'probability', ['logits'], sigmoid);
  if (hasPresence) add('Activation', 'presence', ['presence-logit'], sigmoid);
  const outputs = ['probability', ...(hasPresence ? ['presence'] : [])];
  return {
    class_name: 'Model',
    config: {
      name: 'unet',
      layers,
      input_layers: [['image', 0, 0]],
      output_layers: outputs.map((name) => [name, 0, 0]),
    },
    keras_version: 'tfjs-layers 4.22.0',
    backend: 'tensor_flow.js',
  };
}

const channelsLast = { data_format: 'channels_last', trainable: true };
const sigmoid = { activation: 'sigmoid', trainable: true };

function convolutionConfig(
  filters: number,
  extent: number,
  padding: 'same' | 'valid',
  activation: 'relu' | 'linear',
) {
  return {
    filters,
    kernel_initializer: { class_name: 'Zeros', config: {} },
    kernel_regularizer: null,
    kernel_constraint: null,
    kernel_size: [extent, extent],
    strides: [1, 1],
    padding,
    ...channelsLast,
    dilation_rate: [1, 1],
    activation,
    use_bias: true,
    bias_initializer: { class_name: 'Zeros', config: {} },
    bias_regularizer: null,
    activity_regularizer: null,
    bias_constraint: null,
  };
}
