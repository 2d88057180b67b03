import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { architectureJson, kerasLayersOf, kerasVersion } from '../../src/keras/architecture.js';
import { fitWeights, shapeOf } from '../../src/keras/fit-weights.js';
import { readKerasWeights, writeKerasWeights } from '../../src/keras/weights-file.js';
import { type Network, networkOf } from '../../src/model/network-layers.js';
import { type Recipe, recipes } from '../../src/model/recipe.js';
import type { ModelFiles } from '../../src/model/serialise.js';
import { unetTopology } from '../../src/model/unet-topology.js';
import { randomFrom } from '../../src/operators/seeded-random.js';
import { useCpuBackend } from '../support/cpu-backend.js';
import { type KerasFileKind, writeAsKeras } from '../support/keras-file.js';
import { randomModel } from '../support/random-model.js';
import { temporaryFolder } from '../support/temporary-folder.js';

beforeAll(useCpuBackend);
const folder = temporaryFolder();
const size = { height: 16, width: 16 };
let files = 0;
const newPath = () => join(folder, `weights-${++files}.hdf5`);

async function networkWith(recipe: Recipe): Promise<{ network: Network; files: ModelFiles }> {
  const model = await randomModel(folder, { recipe: { ...recipe, filters: 2 }, size });
  const network = networkOf(model.files);
  if (!network.ok) throw new Error(network.failure.message);
  return { network: network.value, files: model.files };
}

async function readBack(path: string) {
  const read = await readKerasWeights(path);
  if (!read.ok) throw new Error(read.failure.message);
  return read.value;
}

/** Weights by their names: their order in the file is nobody's business. */
function weightsOf(model: ModelFiles): Record<string, unknown> {
  const network = networkOf(model);
  if (!network.ok) throw new Error(network.failure.message);
  const entries = network.value.layers.flatMap(({ name, weights }) =>
    [...weights].map(([weight, { shape, values }]) => [
      `${name}/${weight}`,
      { shape: [...shape], values: Array.from(values) },
    ]),
  );
  return Object.fromEntries(entries);
}

describe('weights written for Keras', () => {
  it.each(['tutorial', 'default'] as const)('come back bit for bit: %s', async (name) => {
    const { network, files: original } = await networkWith(recipes[name]);
    const path = newPath();
    const written = await writeKerasWeights(path, kerasLayersOf(network), kerasVersion, '{"a":1}');
    expect(written.ok).toBe(true);
    const read = await readBack(path);
    expect(read).toMatchObject({ backend: 'tensorflow', kerasVersion, card: '{"a":1}' });
    const fitted = fitWeights(read, shapeOf(read, size));
    if (!fitted.ok) throw new Error(fitted.failure.message);
    expect(weightsOf(fitted.value)).toEqual(weightsOf(original));
    expect(fitted.value.topology).toMatchObject({ config: { name: 'unet' } });
  });

  it('have the names that Keras gives, and so has the architecture', async () => {
    const { network } = await networkWith(recipes.default);
    const names = kerasLayersOf(network).map(({ name }) => name);
    expect(names).toContain('conv2d_transpose_1');
    expect(names.slice(0, 6)).toEqual([
      'input_1',
      'conv2d_1',
      'batch_normalization_1',
      'conv2d_2',
      'batch_normalization_2',
      'max_pooling2d_1',
    ]);
    const { config, class_name, backend } = JSON.parse(architectureJson(network));
    expect({ class_name, backend }).toEqual({ class_name: 'Model', backend: 'tensorflow' });
    expect(config.layers.map(({ name }: { name: string }) => name)).toEqual(names);
    expect(config.layers[2].inbound_nodes).toEqual([[['conv2d_1', 0, 0, {}]]]);
    expect(config.output_layers).toEqual([
      ['activation_1', 0, 0],
      ['activation_2', 0, 0],
    ]);
  });
});

describe('weights that another Keras wrote', () => {
  const kinds: readonly KerasFileKind[] = [
    { version: 1, backend: 'theano', isWholeModel: false },
    { version: 1, backend: 'tensorflow', isWholeModel: false },
    { version: 2, backend: 'theano', isWholeModel: true },
    { version: 2, backend: 'tensorflow', isWholeModel: true },
  ];

  it.each(kinds)('are ours: Keras $version, $backend, whole model: $isWholeModel', async (kind) => {
    const { network, files: original } = await networkWith(recipes.tutorial);
    const path = newPath();
    await writeAsKeras(path, kerasLayersOf(network), kind);
    const read = await readBack(path);
    const fitted = fitWeights(read, shapeOf(read, size));
    if (!fitted.ok) throw new Error(fitted.failure.message);
    expect(weightsOf(fitted.value)).toEqual(weightsOf(original));
  });

  it('are taken of the tutorial of 2016 too, which repeated pixels', async () => {
    const shape = { size, filters: 4, blockNormalisation: 'none', presenceWeight: 0 } as const;
    const topology = unetTopology({ ...shape, enlarging: 'repeated-pixels' });
    const bare = networkOf({ topology, weightSpecs: [], weights: new Uint8Array(0) });
    if (!bare.ok) throw new Error(bare.failure.message);
    const random = randomFrom(1, 'kernels');
    const drawn = (...extents: number[]) => ({
      shape: extents,
      values: Float32Array.from({ length: extents.reduce((a, b) => a * b, 1) }, random),
    });
    const convolutions: [number, number, number][] = [
      [3, 1, 4],
      [3, 4, 4],
      [3, 4, 8],
      [3, 8, 8],
      [3, 8, 16],
      [3, 16, 16],
      [3, 16, 32],
      [3, 32, 32],
      [3, 32, 64],
      [3, 64, 64],
      [3, 96, 32],
      [3, 32, 32],
      [3, 48, 16],
      [3, 16, 16],
      [3, 24, 8],
      [3, 8, 8],
      [3, 12, 4],
      [3, 4, 4],
      [1, 4, 1],
    ];
    const layers = convolutions.map(([extent, into, out], at) => ({
      name: `conv2d_${at + 1}`,
      weights: [
        { name: `conv2d_${at + 1}/kernel:0`, ...drawn(extent, extent, into, out) },
        { name: `conv2d_${at + 1}/bias:0`, ...drawn(out) },
      ],
    }));
    const path = newPath();
    await writeAsKeras(path, layers, { version: 1, backend: 'theano', isWholeModel: false });
    const read = await readBack(path);
    const found = shapeOf(read, size);
    expect(found).toEqual({ ...shape, enlarging: 'repeated-pixels' });
    const fitted = fitWeights(read, found);
    if (!fitted.ok) throw new Error(fitted.failure.message);
    const values = weightsOf(fitted.value)['merge4a/kernel'] as { values: number[] };
    expect(values.values).toEqual(Array.from(layers[10]!.weights[0]!.values));
  });

  it('say layer by layer what does not fit', async () => {
    const { network } = await networkWith(recipes.tutorial);
    const layers = kerasLayersOf(network).filter(({ weights }) => weights.length > 0);
    const path = newPath();
    const [first, ...others] = layers;
    const wrong = {
      ...first!,
      weights: [{ ...first!.weights[0]!, shape: [1, 3, 3, 2] }, first!.weights[1]!],
    };
    await writeKerasWeights(path, [wrong, ...others.slice(0, -1)], kerasVersion, '{}');
    const fitted = fitWeights(await readBack(path), {
      ...{ size, filters: 2, blockNormalisation: 'none', presenceWeight: 0 },
      enlarging: 'transposed-convolution',
    });
    expect(fitted).toMatchObject({ ok: false, failure: { code: 'WEIGHTS_DO_NOT_FIT' } });
    if (fitted.ok) return;
    expect(fitted.failure.message).toBe(
      'layer 1 conv2d_1: expected 3x3x1x2 and 2 (down1a), found 1x3x3x2 and 2; layer 23 logits (1x1x2x1 and 1) is missing from the file',
    );
  });

  it('are refused in a sentence where they are no HDF5, or cut off', async () => {
    const text = newPath();
    writeFileSync(text, 'no weights at all');
    const { network } = await networkWith(recipes.tutorial);
    const whole = newPath();
    await writeKerasWeights(whole, kerasLayersOf(network), kerasVersion, '{}');
    const cut = newPath();
    writeFileSync(cut, readFileSync(whole).subarray(0, 20_000));
    for (const path of [text, cut, join(folder, 'nowhere.hdf5')]) {
      const read = await readKerasWeights(path);
      expect(read).toMatchObject({ ok: false, failure: { code: 'HDF5_UNUSABLE' } });
      if (!read.ok) expect(read.failure.message).toMatch(/^[^\n]{10,300}$/);
    }
  });
});
