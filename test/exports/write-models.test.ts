import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { beforeAll, describe, expect, it } from 'vitest';
import { keras } from '../../src/exports/keras.js';
import { onnx } from '../../src/exports/onnx.js';
import { tfjs } from '../../src/exports/tfjs.js';
import { readKerasWeights } from '../../src/keras/weights-file.js';
import { recipes } from '../../src/model/recipe.js';
import type { SavedModel } from '../../src/store/model-registry.js';
import { useCpuBackend } from '../support/cpu-backend.js';
import { modelSource } from '../support/model-source.js';
import { randomModel, saved } from '../support/random-model.js';
import { temporaryFolder } from '../support/temporary-folder.js';

beforeAll(useCpuBackend);
const folder = temporaryFolder();
const size = { height: 16, width: 32 };
let outputs = 0;
const newOutput = () => {
  const path = join(folder, `out-${++outputs}`);
  mkdirSync(path);
  return path;
};

async function modelOf(seeds: readonly number[]): Promise<SavedModel> {
  const recipe = { ...recipes.default, filters: 2 };
  const models = [];
  for (const seed of seeds) {
    const names = { modelId: `m${seeds.length}-${seed}`, folder: `model-m${seeds.length}-${seed}` };
    models.push(await randomModel(folder, { recipe, size, seed }, names));
  }
  return await saved(folder, models);
}

describe('a model written to a folder', () => {
  it('is one file of ONNX, also of an ensemble', async () => {
    for (const seeds of [[1], [1, 2]]) {
      const out = newOutput();
      const written = await onnx.write(modelSource(await modelOf(seeds)), out);
      expect(written).toEqual({ ok: true, value: { images: 0, leftOut: [] } });
      expect(readdirSync(out)).toEqual(['model.onnx']);
      const session = await InferenceSession.create(join(out, 'model.onnx'));
      const image = new Tensor('uint8', new Uint8Array(40 * 50).fill(7), [1, 1, 40, 50]);
      const { mask, presence } = await session.run({ image });
      expect(mask!.dims).toEqual([1, 1, 40, 50]);
      expect(presence!.dims).toEqual([1, 1]);
    }
  });

  it('is weights and an architecture for Keras, and the rest is told', async () => {
    const out = newOutput();
    const model = await modelOf([1]);
    const written = await keras.write(modelSource(model), out);
    if (!written.ok) throw new Error(written.failure.message);
    expect(readdirSync(out).sort()).toEqual(['architecture.json', 'weights.hdf5']);
    expect(written.value.leftOut[0]!.examples.join('\n')).toMatch(
      /16x32.*own mean[\s\S]*mirror image[\s\S]*from 0.5 on[\s\S]*below 0.5/,
    );
    const read = await readKerasWeights(join(out, 'weights.hdf5'));
    if (!read.ok) throw new Error(read.failure.message);
    expect(JSON.parse(read.value.card!)).toMatchObject({ modelId: model.card.modelId });
    const { config } = JSON.parse(readFileSync(join(out, 'architecture.json'), 'utf8'));
    expect(config.layers.map(({ name }: { name: string }) => name)).toEqual(
      read.value.layers.map(({ name }) => name),
    );
  });

  it('is a file of weights for each member of an ensemble', async () => {
    const out = newOutput();
    await keras.write(modelSource(await modelOf([1, 2])), out);
    expect(readdirSync(out).sort()).toEqual([
      'architecture.json',
      'weights-1.hdf5',
      'weights-2.hdf5',
    ]);
  });

  it('is told to be damaged where it is', async () => {
    const model = await modelOf([3]);
    writeFileSync(join(model.folder, 'weights.bin'), 'cut');
    expect(await onnx.write(modelSource(model), newOutput())).toMatchObject({
      ok: false,
      failure: { code: 'MODEL_UNREADABLE' },
    });
  });

  it('is its own folder for TensorFlow.js, whole', async () => {
    const out = newOutput();
    const model = await modelOf([1]);
    await tfjs.write(modelSource(model), out);
    expect(readdirSync(out)).toEqual(readdirSync(model.folder));
    for (const name of ['model.json', 'weights.bin']) {
      expect(readFileSync(join(out, name))).toEqual(readFileSync(join(model.folder, name)));
    }
  });
});
