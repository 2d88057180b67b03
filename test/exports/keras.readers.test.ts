import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { LoadedNetwork } from '../../src/compute/child/loaded-network.js';
import { keras } from '../../src/exports/keras.js';
import { recipes } from '../../src/model/recipe.js';
import { randomFrom } from '../../src/operators/seeded-random.js';
import { useCpuBackend } from '../support/cpu-backend.js';
import { describeWithReaders, python } from '../support/foreign-readers.js';
import { modelSource } from '../support/model-source.js';
import { randomModel, saved } from '../support/random-model.js';
import { temporaryFolder } from '../support/temporary-folder.js';

beforeAll(useCpuBackend);
const folder = temporaryFolder();
const size = { height: 16, width: 32 };

/** Keras' layers in NumPy, by the architecture and the weights as h5py reads them: names, shapes, order. */
const asKeras = `
import json, sys, h5py, numpy as np
folder, pixels = sys.argv[1], json.load(open(sys.argv[2]))
config = json.load(open(folder + '/architecture.json'))['config']
file = h5py.File(folder + '/weights.hdf5', 'r')
assert file.attrs['backend'] == b'tensorflow' and file.attrs['keras_version'] == b'2.2.4'
order = [name.decode() for name in file.attrs['layer_names']]
assert order == [layer['name'] for layer in config['layers']]
def weights(name):
    names = [each.decode() for each in file[name].attrs['weight_names']]
    return {each.split('/')[1].split(':')[0]: file[name][each][()].astype('float64') for each in names}
def activated(x, name):
    return {'linear': lambda: x, 'relu': lambda: np.maximum(x, 0), 'sigmoid': lambda: 1 / (1 + np.exp(-x))}[name]()
def conv(x, w, c):
    kh, kw = w['kernel'].shape[:2]
    h, v = x.shape[:2]
    if c['padding'] == 'same': x = np.pad(x, ((kh // 2, kh // 2), (kw // 2, kw // 2), (0, 0)))
    y = sum(x[i:i + h, j:j + v] @ w['kernel'][i, j] for i in range(kh) for j in range(kw))
    return activated(y + w['bias'], c['activation'])
def up(x, w, c):
    h, v = x.shape[:2]
    y = np.zeros((2 * h, 2 * v, w['kernel'].shape[2]))
    for i in range(2):
        for j in range(2): y[i::2, j::2] = x @ w['kernel'][i, j].T
    return activated(y + w['bias'], c['activation'])
def norm(x, w, c):
    return (x - w['moving_mean']) / np.sqrt(w['moving_variance'] + c['epsilon']) * w['gamma'] + w['beta']
def pool(x, w, c):
    h, v, n = x.shape
    return x.reshape(h // 2, 2, v // 2, 2, n).max((1, 3))
layers = {
    'Conv2D': conv, 'Conv2DTranspose': up, 'BatchNormalization': norm, 'MaxPooling2D': pool,
    'GlobalAveragePooling2D': lambda x, w, c: x.mean((0, 1)),
    'Activation': lambda x, w, c: activated(x, c['activation']),
}
done = {}
for layer in config['layers']:
    name, kind, c = layer['name'], layer['class_name'], layer['config']
    given = [done[node[0]] for node in (layer['inbound_nodes'] or [[]])[0]]
    if kind == 'InputLayer': done[name] = np.array(pixels).reshape(c['batch_input_shape'][1:])
    elif kind == 'Concatenate': done[name] = np.concatenate(given, c['axis'] - 1)
    else: done[name] = layers[kind](given[0], weights(name), c)
print(json.dumps([done[output[0]].ravel().tolist() for output in config['output_layers']]))`;

describeWithReaders('a model for Keras, read by h5py', () => {
  test('is the same network: NumPy gives our probabilities', async () => {
    const recipe = { ...recipes.default, filters: 2, mirroredPrediction: false };
    const data = { imageNormalisation: 'data-set' } as const;
    const model = await randomModel(folder, { recipe: { ...recipe, ...data }, size });
    const kept = await saved(folder, [model]);
    const out = join(folder, 'out');
    mkdirSync(out);
    expect(await keras.write(modelSource(kept), out)).toMatchObject({ ok: true });

    const random = randomFrom(6, 'pixels');
    const images = Uint8Array.from({ length: 16 * 32 }, () => random() * 256);
    const { mean, std } = kept.card.normalisation;
    const pixels = Array.from(images, (pixel) => (pixel / 255 - mean) / std);
    const input = join(folder, 'pixels.json');
    writeFileSync(input, JSON.stringify(pixels));
    const [map, presence] = python(asKeras, out, input) as [number[], number[]];
    const network = new LoadedNetwork();
    await network.load(kept.folder);
    const ours = await network.predict({ count: 1, images });
    network.drop();
    expect(map).toHaveLength(ours.probabilities.length);
    for (const [at, value] of ours.probabilities.entries()) expect(map[at]).toBeCloseTo(value, 5);
    expect(presence[0]).toBeCloseTo(ours.presence![0]!, 5);
  });
});
