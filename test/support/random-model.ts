import { join } from 'node:path';
import { makeCard } from '../../src/compute/child/training/model-card.js';
import type { TrainingRun } from '../../src/compute/compute.js';
import type { ModelCard } from '../../src/model/card.js';
import { type ModelFiles, toModelFiles } from '../../src/model/serialise.js';
import { buildUNet } from '../../src/model/unet.js';
import { randomFrom } from '../../src/operators/seeded-random.js';
import { saveEnsemble } from '../../src/store/ensemble-folder.js';
import { saveModel } from '../../src/store/model-folder.js';
import { tinyRun } from './tiny-run.js';

export interface RandomModel {
  readonly card: ModelCard;
  readonly files: ModelFiles;
}

/**
 * A model that nobody has trained, whose every weight is drawn: biases and the statistics of batch
 * normalisation too, so that nothing is tested by zeros and ones.
 */
export async function randomModel(
  modelsFolder: string,
  changes: Partial<TrainingRun>,
  cardChanges: Partial<ModelCard> = {},
): Promise<RandomModel> {
  const run = tinyRun(modelsFolder, changes);
  const unet = buildUNet({ ...run.recipe, size: run.size, seed: run.seed });
  if (!unet.ok) throw new Error(unet.failure.message);
  const files = drawn(await toModelFiles(unet.value), run.seed);
  unet.value.dispose();
  const metrics = { loss: 0, trainDice: 0, validationDice: 0.7, validationImageDice: 0.6 };
  const device = { backend: 'cpu', precision: 'float32' } as const;
  return { card: { ...makeCard(run, 1, metrics, device, files), ...cardChanges }, files };
}

/** Saves one model, or several as an ensemble; gives the folder. */
export async function saved(
  modelsFolder: string,
  models: readonly RandomModel[],
): Promise<{ readonly folder: string; readonly card: ModelCard }> {
  const [first] = models;
  const card = models.length === 1 ? first!.card : { ...first!.card, voters: models.length };
  if (models.length === 1) await saveModel(modelsFolder, card, first!.files);
  else await saveEnsemble(modelsFolder, card, models);
  return { folder: join(modelsFolder, card.folder), card };
}

function drawn(files: ModelFiles, seed: number): ModelFiles {
  const random = randomFrom(seed, 'weights');
  const weights = Float32Array.from(new Float32Array(Uint8Array.from(files.weights).buffer));
  let at = 0;
  for (const { name, shape } of files.weightSpecs) {
    const length = shape.reduce((product, extent) => product * extent, 1);
    for (const end = at + length; at < end; at++) {
      if (/gamma|variance/.test(name)) weights[at] = 0.5 + random();
      else if (!name.endsWith('kernel')) weights[at] = (random() - 0.5) / 5;
    }
  }
  return { ...files, weights: new Uint8Array(weights.buffer) };
}
