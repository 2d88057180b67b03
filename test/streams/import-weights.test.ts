import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LoadedNetwork } from '../../src/compute/child/loaded-network.js';
import { architectureJson, kerasLayersOf, kerasVersion } from '../../src/keras/architecture.js';
import { writeKerasWeights } from '../../src/keras/weights-file.js';
import { networkOf } from '../../src/model/network-layers.js';
import { recipes } from '../../src/model/recipe.js';
import { randomFrom } from '../../src/operators/seeded-random.js';
import { cardJson } from '../../src/store/model-folder.js';
import { openStore } from '../../src/store/open-store.js';
import { importWeights } from '../../src/streams/training/import-weights.js';
import { useCpuBackend } from '../support/cpu-backend.js';
import { randomModel, saved } from '../support/random-model.js';
import { temporaryFolder } from '../support/temporary-folder.js';

beforeAll(useCpuBackend);
const folder = temporaryFolder();
const size = { height: 32, width: 32 };
const store = openStore(join(folder, 'store'), 'test');
afterAll(async () => (await store).close());

describe('a model exported to Keras and imported again', () => {
  it.each(['tutorial', 'default'] as const)('predicts the same: %s', async (name) => {
    const recipe = { ...recipes[name], filters: 2 };
    const model = await randomModel(folder, { recipe, size }, { folder: `model-${name}` });
    const original = await saved(folder, [model]);
    const network = networkOf(model.files);
    if (!network.ok) throw new Error(network.failure.message);
    const path = join(folder, `${name}.hdf5`);
    const layers = kerasLayersOf(network.value);
    await writeKerasWeights(path, layers, kerasVersion, cardJson(model.card));
    expect(architectureJson(network.value)).toContain('conv2d_transpose_4');

    const { catalog, paths } = await store;
    const context = { catalog, settings: { size }, modelsFolder: paths.models };
    const imported = await importWeights(path, null, context);
    if (!imported.ok) throw new Error(imported.failure.message);
    const random = randomFrom(4, 'pixels');
    const images = Uint8Array.from({ length: 3 * 32 * 32 }, () => random() * 256);
    const answers = [];
    for (const each of [original.folder, imported.value.folder]) {
      const loaded = new LoadedNetwork();
      await loaded.load(each);
      answers.push(await loaded.predict({ count: 3, images }));
      loaded.drop();
    }
    const [ours, theirs] = answers as [(typeof answers)[0], (typeof answers)[0]];
    for (const [at, value] of ours.probabilities.entries()) {
      expect(Math.abs(theirs.probabilities[at]! - value)).toBeLessThanOrEqual(1e-6);
    }
    expect(theirs.presence).toEqual(ours.presence);
    expect(imported.value.card).toMatchObject({
      recipe: model.card.recipe,
      normalisation: model.card.normalisation,
      importedFrom: { file: `${name}.hdf5`, kerasVersion },
    });
    // The same file again is the same model.
    expect(await importWeights(path, null, context)).toEqual(imported);
  });

  it('is refused at another size, with the one that it takes', async () => {
    const { catalog, paths } = await store;
    const settings = { size: { height: 64, width: 80 } };
    const context = { catalog, settings, modelsFolder: paths.models };
    const refused = await importWeights(join(folder, 'tutorial.hdf5'), null, context);
    expect(refused).toMatchObject({ ok: false, failure: { code: 'SIZE_DIFFERS' } });
    if (!refused.ok) expect(refused.failure.message).toContain('--size 32x32');
  });
});
