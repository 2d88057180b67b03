import { join } from 'node:path';
import { memory } from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { LoadedNetwork } from '../../../src/compute/child/loaded-network.js';
import type { ImageBatch } from '../../../src/compute/compute.js';
import { loadWasmBackend } from '../../../src/compute/wasm/load.js';
import { readMembers, saveEnsemble } from '../../../src/store/ensemble-folder.js';
import { readModel } from '../../../src/store/model-folder.js';
import { findDamage } from '../../../src/store/whole-folder.js';
import { ensembleCard } from '../../../src/streams/training/ensemble-card.js';
import { temporaryFolder, tinyRun, trainedModel } from '../../support/tiny-run.js';

beforeAll(async () => {
  await loadWasmBackend(1);
});

/** A network of its own seed, trained a little. */
async function trained(folder: string, seed: number): Promise<string> {
  const run = tinyRun(folder, { runId: `run-${seed}`, seed, epochs: 1 });
  return trainedModel(run);
}

async function predictedBy(folder: string, batch: ImageBatch) {
  const served = new LoadedNetwork();
  await served.load(folder);
  const { probabilities } = await served.predict(batch);
  served.drop();
  return probabilities;
}

test('an ensemble predicts the mean of its models, without their folders, and leaves no tensor', async () => {
  const root = temporaryFolder();
  const folders = [1, 2, 3].map((seed) => join(root, `alone-${seed}`));
  const models = await Promise.all(folders.map((folder, index) => trained(folder, index + 1)));
  const members = [];
  for (const folder of models) {
    const read = await readModel(folder);
    if (read.status !== 'found') throw new Error(read.status);
    members.push(read.value);
  }
  const card = ensembleCard('ensemble', members, []);
  await saveEnsemble(join(root, 'models'), card, members);
  const ensemble = join(root, 'models', card.folder);
  expect(await findDamage(ensemble)).toBeNull();
  expect(await readMembers(ensemble)).toMatchObject({ value: { card: { voters: 3 } } });
  // Nothing that goes on from a single model takes it for one.
  expect((await readModel(ensemble)).status).toBe('damaged');

  const images = Uint8Array.from({ length: 2 * 256 }, (_, at) => (at * 37) % 256);
  const batch = { count: 2, images };
  const before = memory().numTensors;
  const alone = [];
  for (const folder of models) alone.push(await predictedBy(folder, batch));
  const together = await predictedBy(ensemble, batch);
  expect(memory().numTensors).toBe(before);
  for (const [index, probability] of together.entries()) {
    const mean = alone.reduce((sum, values) => sum + values[index]!, 0) / alone.length;
    expect(probability).toBeCloseTo(mean, 5);
  }
  expect(new Set(alone.map((values) => values[0])).size).toBe(3);
});
