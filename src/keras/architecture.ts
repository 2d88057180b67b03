import type { Network } from '../model/network-layers.js';
import { kerasNames } from './names.js';
import type { KerasLayer } from './weights-file.js';

/** The version whose form is written: the last of Keras 2 before it became TensorFlow's. */
export const kerasVersion = '2.2.4';

/** The order in which Keras' layers have their weights. */
const weightOrder = ['kernel', 'bias', 'gamma', 'beta', 'moving_mean', 'moving_variance'];

/** A network as `model_from_json` reads it, with Keras' own names. */
export function architectureJson(network: Network): string {
  const names = kerasNames(network);
  const reference = (name: string) => [names.get(name), 0, 0];
  const layers = network.layers.map(({ name, settings, inputs }) => ({
    name: names.get(name),
    class_name: settings.class_name,
    config: { ...settings.config, name: names.get(name) },
    inbound_nodes: inputs.length === 0 ? [] : [inputs.map((from) => [...reference(from), {}])],
  }));
  const input = network.layers.find(({ settings }) => settings.class_name === 'InputLayer')!;
  const content = {
    class_name: 'Model',
    config: {
      name: network.name,
      layers,
      input_layers: [reference(input.name)],
      output_layers: network.outputs.map(reference),
    },
    keras_version: kerasVersion,
    backend: 'tensorflow',
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

/** A network's layers as its weights file has them: TensorFlow's order of the channels, Keras' names. */
export function kerasLayersOf(network: Network): KerasLayer[] {
  const names = kerasNames(network);
  return network.layers.map((layer) => {
    const name = names.get(layer.name)!;
    const weights = weightOrder.flatMap((weight) => {
      const found = layer.weights.get(weight);
      return found === undefined ? [] : [{ name: `${name}/${weight}:0`, ...found }];
    });
    return { name, weights };
  });
}
