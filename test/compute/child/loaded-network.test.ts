import { beforeAll, describe, expect, it } from 'vitest';
import { LoadedNetwork } from '../../../src/compute/child/loaded-network.js';
import { loadWasmBackend } from '../../../src/compute/wasm/load.js';
import type { Recipe } from '../../../src/model/recipe.js';
import { mirrorRows } from '../../../src/operators/mirror.js';
import { brightBoxes } from '../../support/bright-boxes.js';
import { temporaryFolder, tinyRun, trainedModel } from '../../support/tiny-run.js';

const size = { height: 16, width: 16 };

beforeAll(async () => {
  await loadWasmBackend(1);
});

/** A model of one epoch, served. */
async function served(changes: Partial<Recipe>): Promise<LoadedNetwork> {
  const models = temporaryFolder();
  const { recipe } = tinyRun(models);
  const run = tinyRun(models, { epochs: 1, recipe: { ...recipe, ...changes } });
  const model = new LoadedNetwork();
  await model.load(await trainedModel(run));
  return model;
}

function mirrored<T extends Uint8Array | Float32Array>(values: T): T {
  const copy = values.slice() as T;
  mirrorRows(copy, size.width);
  return copy;
}

describe('a served model', () => {
  it('tells presence, one probability an image, where it was trained to', async () => {
    const { count, images } = brightBoxes(3, size, 4);
    const { presence } = await (await served({ presenceWeight: 1 })).predict({ count, images });
    expect(presence).toHaveLength(3);
    for (const value of presence!) expect(value).toBeGreaterThan(0.5);
    const without = await (await served({ presenceWeight: 0 })).predict({ count, images });
    expect(without).not.toHaveProperty('presence');
  });

  it('predicts the mean of an image and its mirror image where its recipe says so', async () => {
    const { count, images } = brightBoxes(2, size, 4);
    const plain = await served({});
    const once = await plain.predict({ count, images });
    const turned = await plain.predict({ count, images: mirrored(images) });
    const back = mirrored(turned.probabilities);
    const both = await (await served({ mirroredPrediction: true })).predict({ count, images });
    for (const [at, value] of both.probabilities.entries()) {
      expect(value).toBeCloseTo((once.probabilities[at]! + back[at]!) / 2, 6);
    }
    expect(both.presence![0]).toBeCloseTo((once.presence![0]! + turned.presence![0]!) / 2, 6);
    const ofMirrored = await (await served({ mirroredPrediction: true })).predict({
      count,
      images: mirrored(images),
    });
    expect(mirrored(ofMirrored.probabilities)).toEqual(both.probabilities);
  });
});
