import { setImmediate } from 'node:timers/promises';
import type { File, Group } from 'h5wasm/node';
import type { Result } from '../operators/result.js';
import { textsOf, withHdf5, writeTexts } from './hdf5.js';

/** One layer of a weights file; layers without weights have a group too. */
export interface KerasLayer {
  readonly name: string;
  readonly weights: readonly KerasWeight[];
}

export interface KerasWeight {
  /** E.g. `conv2d_1/kernel:0`, or `convolution2d_1_W` of Keras 1. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Weights as Keras saves them: alone, or within a whole model (`model_weights`). */
export interface KerasWeights {
  readonly layers: readonly KerasLayer[];
  /** What computed them; null where the file does not say. */
  readonly backend: string | null;
  readonly kerasVersion: string | null;
  /** The card of the model, in files that we wrote: Keras passes over it. */
  readonly card: string | null;
}

const cardAttribute = 'nerveflow';

/** Reads a weights file of Keras 1 or 2. Fails with `HDF5_UNUSABLE`. */
export async function readKerasWeights(
  path: string,
): Promise<Result<KerasWeights, 'HDF5_UNUSABLE'>> {
  return withHdf5(path, 'r', async (file, { Dataset, Group: GroupOf }) => {
    const inner = file.keys().includes('model_weights') ? file.get('model_weights') : null;
    const root = inner instanceof GroupOf ? inner : file;
    const layers: KerasLayer[] = [];
    for (const name of textsOf(root, 'layer_names')) {
      const group = root.get(name);
      const weights: KerasWeight[] = [];
      for (const weightName of group instanceof GroupOf ? textsOf(group, 'weight_names') : []) {
        const dataset = (group as Group).get(weightName);
        if (!(dataset instanceof Dataset)) continue;
        const values = Float32Array.from(dataset.value as ArrayLike<number>);
        weights.push({ name: weightName, shape: dataset.shape ?? [], values });
        // The library works without a pause, a dataset at a time.
        await setImmediate();
      }
      layers.push({ name, weights });
    }
    return { layers, ...factsOf(file, root) };
  });
}

function factsOf(file: File, root: Group): Omit<KerasWeights, 'layers'> {
  const fact = (name: string) => textsOf(root, name)[0] ?? textsOf(file, name)[0] ?? null;
  return {
    backend: fact('backend'),
    kerasVersion: fact('keras_version'),
    card: fact(cardAttribute),
  };
}

/**
 * Writes a file as `save_weights` of Keras 2 does. Fails with `HDF5_UNUSABLE`.
 *
 * @param card of the model, as JSON
 */
export async function writeKerasWeights(
  path: string,
  layers: readonly KerasLayer[],
  kerasVersion: string,
  card: string,
): Promise<Result<void, 'HDF5_UNUSABLE'>> {
  return withHdf5(path, 'w', async (file) => {
    writeTexts(
      file,
      'layer_names',
      layers.map(({ name }) => name),
    );
    for (const [name, text] of Object.entries({
      backend: 'tensorflow',
      keras_version: kerasVersion,
      [cardAttribute]: card,
    })) {
      file.create_attribute(name, text, null, `S${Buffer.byteLength(text)}`);
    }
    for (const { name, weights } of layers) {
      const group = file.create_group(name);
      const names = weights.map((weight) => weight.name);
      writeTexts(group, 'weight_names', names);
      for (const weight of weights) {
        const [folder, leaf] = weight.name.split('/') as [string, string];
        const within = group.keys().includes(folder)
          ? (group.get(folder) as Group)
          : group.create_group(folder);
        const { values, shape } = weight;
        within.create_dataset({ name: leaf, data: values, shape: [...shape] });
        await setImmediate();
      }
    }
  });
}
