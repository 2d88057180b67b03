import { setImmediate } from 'node:timers/promises';
import type { LayerSettings, Network, NetworkLayer, Weight } from '../../model/network-layers.js';
import type { GraphBuilder } from './graph.js';

/** A network whose weights are in the graph, ready to be applied; gives its outputs, in their order. */
export type NetworkInGraph = (input: string) => string[];

/**
 * The layers as nodes. Images are [n, channels, height, width], as ONNX has them; TensorFlow.js has the
 * channels last.
 *
 * @param prefix of the weights' names: those of an ensemble's members are to differ
 */
export async function networkInGraph(
  graph: GraphBuilder,
  network: Network,
  prefix: string,
): Promise<NetworkInGraph> {
  const weights = new Map<string, string[]>();
  for (const layer of network.layers) {
    weights.set(layer.name, await weightsInGraph(graph, layer, prefix));
  }
  return (input) => {
    const tensors = new Map<string, string>();
    for (const layer of network.layers) {
      const inputs = layer.inputs.map((name) => tensors.get(name)!);
      const output =
        layer.settings.class_name === 'InputLayer'
          ? input
          : layerInGraph(graph, layer.settings, inputs, weights.get(layer.name)!);
      tensors.set(layer.name, output);
    }
    return network.outputs.map((name) => tensors.get(name)!);
  };
}

/** In the order in which ONNX' operators take them. */
const weightNames: Partial<Record<LayerSettings['class_name'], readonly string[]>> = {
  Conv2D: ['kernel', 'bias'],
  Conv2DTranspose: ['kernel', 'bias'],
  BatchNormalization: ['gamma', 'beta', 'moving_mean', 'moving_variance'],
};

async function weightsInGraph(
  graph: GraphBuilder,
  layer: NetworkLayer,
  prefix: string,
): Promise<string[]> {
  const constants: string[] = [];
  for (const name of weightNames[layer.settings.class_name] ?? []) {
    const { shape, values } = layer.weights.get(name) as Weight;
    const called = `${prefix}${layer.name}/${name}`;
    if (name !== 'kernel') {
      constants.push(graph.constant(values, shape, called));
      continue;
    }
    const [height, width, inputs, outputs] = shape as [number, number, number, number];
    const turned = await kernelsFirst(values, shape);
    constants.push(graph.constant(turned, [outputs, inputs, height, width], called));
  }
  return constants;
}

/**
 * A kernel [height, width, a, b] as [b, a, height, width]. Of a convolution that is (out, in), of a
 * transposed one, whose `a` are the outputs, (in, out): both as ONNX takes them.
 */
async function kernelsFirst(values: Float32Array, shape: readonly number[]): Promise<Float32Array> {
  const [height, width, a, b] = shape as [number, number, number, number];
  const area = height * width;
  const turned = new Float32Array(values.length);
  let at = 0;
  for (let place = 0; place < area; place++) {
    for (let ofA = 0; ofA < a; ofA++) {
      for (let ofB = 0; ofB < b; ofB++) turned[(ofB * a + ofA) * area + place] = values[at++]!;
    }
    // The largest kernel as a whole takes longer than others should wait.
    await setImmediate();
  }
  return turned;
}

function layerInGraph(
  graph: GraphBuilder,
  settings: Exclude<LayerSettings, { class_name: 'InputLayer' }>,
  inputs: readonly string[],
  weights: readonly string[],
): string {
  switch (settings.class_name) {
    case 'Conv2D': {
      const { kernel_size, padding, activation } = settings.config;
      const pads = padding === 'same' ? samePads(kernel_size) : [0, 0, 0, 0];
      const attributes = { kernel_shape: kernel_size, pads };
      return activated(graph, activation, graph.add('Conv', [...inputs, ...weights], attributes));
    }
    case 'Conv2DTranspose': {
      // Kernels as large as their steps: nothing overlaps, nothing is padded.
      const { kernel_size, strides, activation } = settings.config;
      const attributes = { kernel_shape: kernel_size, strides };
      const up = graph.add('ConvTranspose', [...inputs, ...weights], attributes);
      return activated(graph, activation, up);
    }
    case 'BatchNormalization': {
      const epsilon = { float: settings.config.epsilon };
      return graph.add('BatchNormalization', [...inputs, ...weights], { epsilon });
    }
    case 'MaxPooling2D': {
      const { pool_size, strides } = settings.config;
      return graph.add('MaxPool', inputs, { kernel_shape: pool_size, strides });
    }
    case 'UpSampling2D': {
      const scales = graph.constant(Float32Array.of(1, 1, ...settings.config.size), [4]);
      return graph.add('Resize', [...inputs, '', scales], {
        mode: 'nearest',
        coordinate_transformation_mode: 'asymmetric',
        nearest_mode: 'floor',
      });
    }
    case 'GlobalAveragePooling2D':
      return graph.add('Flatten', [graph.add('GlobalAveragePool', inputs)]);
    case 'Concatenate':
      return graph.add('Concat', inputs, { axis: 1 });
    case 'Activation':
      return activated(graph, settings.config.activation, inputs[0]!);
  }
}

function samePads([height, width]: readonly [number, number]): number[] {
  const before = [(height - 1) >> 1, (width - 1) >> 1] as const;
  return [...before, height - 1 - before[0], width - 1 - before[1]];
}

function activated(
  graph: GraphBuilder,
  activation: 'linear' | 'relu' | 'sigmoid',
  input: string,
): string {
  switch (activation) {
    case 'linear':
      return input;
    case 'relu':
      return graph.add('Relu', [input]);
    case 'sigmoid':
      return graph.add('Sigmoid', [input]);
  }
}
