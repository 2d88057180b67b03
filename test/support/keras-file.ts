import type { File, Group } from 'h5wasm/node';
import type { KerasLayer } from '../../src/keras/weights-file.js';

/** How old Keras kept what it had: built by the published layout, since no Keras is at hand. */
export interface KerasFileKind {
  /** Keras 1: names without folders, kernels [out, in, height, width] where Theano computed. */
  readonly version: 1 | 2;
  readonly backend: 'theano' | 'tensorflow';
  /** Within a whole model, as `ModelCheckpoint` saves it unless told otherwise. */
  readonly isWholeModel: boolean;
}

/** Writes layers (of TensorFlow's order) as another Keras would have. */
export async function writeAsKeras(
  path: string,
  layers: readonly KerasLayer[],
  { version, backend, isWholeModel }: KerasFileKind,
): Promise<void> {
  const hdf5 = await import('h5wasm/node');
  await hdf5.ready;
  const file: File = new hdf5.File(path, 'w');
  const root: Group = isWholeModel ? file.create_group('model_weights') : file;
  const texts = (group: Group, name: string, values: readonly string[]) => {
    if (values.length === 0) group.create_attribute(name, new Float64Array(0), [0]);
    else group.create_attribute(name, [...values], [values.length], 'S60');
  };
  const ofVersion = (name: string) => (version === 1 ? oldNameOf(name) : name);
  texts(
    root,
    'layer_names',
    layers.map(({ name }) => ofVersion(name)),
  );
  if (version === 2) {
    root.create_attribute('backend', backend, null, `S${backend.length}`);
    root.create_attribute('keras_version', '2.0.4', null, 'S5');
  }
  for (const { name, weights } of layers) {
    const group = root.create_group(ofVersion(name));
    const named = weights.map((weight) => ({ ...weight, name: nameOf(weight.name, version) }));
    const suffix = version === 1 && backend === 'tensorflow' ? ':0' : '';
    texts(
      group,
      'weight_names',
      named.map((weight) => `${weight.name}${suffix}`),
    );
    for (const weight of named) {
      const [leaf, folder] = `${weight.name}${suffix}`.split('/').reverse() as [string, string?];
      const isThere = folder !== undefined && group.keys().includes(folder);
      const within =
        folder === undefined
          ? group
          : isThere
            ? (group.get(folder) as Group)
            : group.create_group(folder);
      const kept = keptAs(weight, version, backend);
      within.create_dataset({ name: leaf, data: kept.values, shape: kept.shape });
    }
  }
  file.close();
}

function nameOf(name: string, version: 1 | 2): string {
  if (version === 2) return name;
  const [layer, weight] = name.replace(':0', '').split('/') as [string, string];
  const short: Record<string, string> = {
    kernel: 'W',
    bias: 'b',
    moving_mean: 'running_mean',
    moving_variance: 'running_std',
  };
  return `${oldNameOf(layer)}_${short[weight] ?? weight}`;
}

function oldNameOf(layer: string): string {
  return layer
    .replace('conv2d_', 'convolution2d_')
    .replace('batch_normalization', 'batchnormalization');
}

/** Element by element, so that it shares nothing with what it tests. */
function keptAs(
  { name, shape, values }: KerasLayer['weights'][number],
  version: 1 | 2,
  backend: string,
): { shape: number[]; values: Float32Array } {
  if (shape.length !== 4) return { shape: [...shape], values };
  const [height, width, a, b] = shape as [number, number, number, number];
  const isTransposed = name.includes('transpose');
  const isTheano = backend === 'theano';
  const extents = (): number[] => {
    if (version === 2) return [height, width, a, b];
    if (isTheano) return isTransposed ? [a, b, height, width] : [b, a, height, width];
    return isTransposed ? [height, width, b, a] : [height, width, a, b];
  };
  const kept = new Float32Array(values.length);
  const keptShape = extents();
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [row, column] = isTheano ? [height - 1 - y, width - 1 - x] : [y, x];
      for (let i = 0; i < a; i++) {
        for (let o = 0; o < b; o++) {
          const [first, second] = isTransposed ? [i, o] : [o, i];
          const place = (): number[] => {
            if (version === 2) return [row, column, i, o];
            if (isTheano) return [first, second, row, column];
            return isTransposed ? [row, column, o, i] : [row, column, i, o];
          };
          const at = place().reduce((sum, index, axis) => sum * keptShape[axis]! + index, 0);
          kept[at] = values[((y * width + x) * a + i) * b + o]!;
        }
      }
    }
  }
  return { shape: keptShape, values: kept };
}
