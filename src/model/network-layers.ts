import { z } from 'zod';
import { fail, ok, type Result } from '../operators/result.js';
import type { ModelFiles } from './serialise.js';

const one = z.literal(1);
const stepByOne = z.tuple([one, one]);
const pair = z.tuple([z.number().int().positive(), z.number().int().positive()]);
const activation = z.enum(['linear', 'relu', 'sigmoid']);
const padding = z.enum(['same', 'valid']);
const channelsLast = z.literal('channels_last');
/** Of one connection: the layer it comes from, and what only other kinds of networks use. */
const connection = z.tuple([z.string(), z.literal(0), z.literal(0)]).rest(z.unknown());
const inboundNodes = z.array(z.array(connection)).max(1);

const layer = <const Kind extends string, Config extends z.ZodRawShape>(
  kind: Kind,
  config: Config,
) =>
  z.looseObject({
    name: z.string(),
    class_name: z.literal(kind),
    config: z.looseObject(config),
    inbound_nodes: inboundNodes,
  });

const convolution = {
  filters: z.number(),
  kernel_size: pair,
  padding,
  activation,
  use_bias: z.literal(true),
  data_format: channelsLast,
};

const layerSchema = z.discriminatedUnion('class_name', [
  layer('InputLayer', { batch_input_shape: z.array(z.number().nullable()) }),
  layer('Conv2D', { ...convolution, strides: stepByOne, dilation_rate: stepByOne }),
  layer('Conv2DTranspose', { ...convolution, strides: pair }),
  layer('BatchNormalization', {
    epsilon: z.number(),
    axis: z.union([z.literal(-1), z.literal(3)]),
  }),
  layer('MaxPooling2D', { pool_size: pair, strides: pair, data_format: channelsLast }),
  layer('UpSampling2D', { size: pair, data_format: channelsLast }),
  layer('GlobalAveragePooling2D', { data_format: channelsLast }),
  layer('Concatenate', { axis: z.literal(3) }),
  layer('Activation', { activation }),
]);

const topologySchema = z.looseObject({
  config: z.looseObject({
    name: z.string(),
    layers: z.array(layerSchema),
    input_layers: z.array(connection).length(1),
    output_layers: z.array(connection),
  }),
});

export type LayerSettings = z.infer<typeof layerSchema>;

/** Values of one weight, e.g. `kernel`; of float32, in the order of TensorFlow.js (kernels: height, width, in, out). */
export interface Weight {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** One layer of a saved network. */
export interface NetworkLayer {
  readonly name: string;
  readonly settings: LayerSettings;
  /** Names of the layers whose outputs it takes. */
  readonly inputs: readonly string[];
  /** By their names within the layer: kernel, bias, gamma, beta, moving_mean, moving_variance. */
  readonly weights: ReadonlyMap<string, Weight>;
}

/** A saved network as its layers, each after those it takes from. */
export interface Network {
  readonly name: string;
  readonly layers: readonly NetworkLayer[];
  /** Names of the layers whose outputs are the network's: the mask's probability, then presence where it tells. */
  readonly outputs: readonly string[];
}

/**
 * Reads a saved network without TensorFlow.js. Weights are views into `files.weights` where that is
 * aligned. Fails with `UNKNOWN_NETWORK` for layers that none of our networks has.
 */
export function networkOf(files: ModelFiles): Result<Network, 'UNKNOWN_NETWORK'> {
  const parsed = topologySchema.safeParse(files.topology);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    return fail('UNKNOWN_NETWORK', `${path.join('.')}: ${message}`);
  }
  const { name, layers, output_layers } = parsed.data.config;
  const weights = weightsByLayer(files);
  return ok({
    name,
    layers: layers.map((settings) => ({
      name: settings.name,
      settings,
      inputs: (settings.inbound_nodes[0] ?? []).map(([from]) => from),
      weights: weights.get(settings.name) ?? new Map(),
    })),
    outputs: output_layers.map(([from]) => from),
  });
}

function weightsByLayer({ weightSpecs, weights }: ModelFiles): Map<string, Map<string, Weight>> {
  const isAligned = weights.byteOffset % 4 === 0;
  const bytes = isAligned ? weights : Uint8Array.from(weights);
  const byLayer = new Map<string, Map<string, Weight>>();
  let offset = bytes.byteOffset;
  for (const { name, shape } of weightSpecs) {
    const slash = name.lastIndexOf('/');
    const layerName = name.slice(0, slash);
    const length = shape.reduce((product, extent) => product * extent, 1);
    const ofLayer = byLayer.get(layerName) ?? new Map<string, Weight>();
    byLayer.set(layerName, ofLayer);
    const values = new Float32Array(bytes.buffer, offset, length);
    ofLayer.set(name.slice(slash + 1), { shape, values });
    offset += length * 4;
  }
  return byLayer;
}
