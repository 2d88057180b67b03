import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fitWeights, shapeOf } from '../../keras/fit-weights.js';
import { type KerasWeights, readKerasWeights } from '../../keras/weights-file.js';
import { type ModelCard, modelCardSchema } from '../../model/card.js';
import { type Recipe, recipes } from '../../model/recipe.js';
import type { UNetShape } from '../../model/unet-topology.js';
import { sha256 } from '../../operators/fingerprint.js';
import { isSameSize } from '../../operators/image.js';
import { fail, ok, type Result } from '../../operators/result.js';
import type { Settings } from '../../settings/options.js';
import type { Catalog } from '../../store/catalog.js';
import { modelFolderName, modelFolders, readCard, saveModel } from '../../store/model-folder.js';
import type { SavedModel } from '../../store/model-registry.js';
import { parseJson } from '../../store/whole-folder.js';
import { version } from '../../version.js';
import { runIdOf } from './plan-training.js';
import { currentPairs } from './select-pairs.js';
import { normalisationOfSamples } from './training-normalisation.js';

export type ImportCode =
  | 'WEIGHTS_UNREADABLE'
  | 'WEIGHTS_DO_NOT_FIT'
  | 'SIZE_DIFFERS'
  | 'NORMALISATION_UNKNOWN';

/** Where imported weights go, and what is to be known of the data there. */
export interface ImportContext {
  readonly catalog: Catalog;
  readonly modelsFolder: string;
  readonly settings: Parameters<typeof currentPairs>[1] & Pick<Settings, 'size'>;
  readonly now?: () => Date;
}

/**
 * Makes a model folder of Keras' weights; the same file makes it once. It is nobody's current model yet.
 * Mean and deviation come from the file where we wrote it; else from the training images that are in the
 * cache, as the tutorial has it.
 *
 * @param recipe whose network the weights have to be of; null: of any that is known
 */
export async function importWeights(
  path: string,
  recipe: Recipe | null,
  context: ImportContext,
): Promise<Result<SavedModel, ImportCode>> {
  const { modelsFolder, settings } = context;
  const bytes = await readFile(path).catch((error: Error) => error);
  if (bytes instanceof Error) {
    const hint =
      'a file of weights is wanted; nerveflow models use <id> goes to a model of the store';
    return fail('WEIGHTS_UNREADABLE', `${path} cannot be read (${bytes.message}): ${hint}.`);
  }
  const read = await readKerasWeights(path);
  if (!read.ok) return fail('WEIGHTS_UNREADABLE', read.failure.message);
  const weights = read.value;
  if (weights.layers.every((layer) => layer.weights.length === 0)) {
    const message = `${path} has no weights in it, as Keras keeps them (layer_names, weight_names).`;
    return fail('WEIGHTS_UNREADABLE', message);
  }
  const own = ownCard(path, weights);
  const { size } = settings;
  if (own !== null && !isSameSize(own.size, size)) {
    const { height, width } = own.size;
    const message = `${path} was trained at ${height}x${width}; give --size ${height}x${width}.`;
    return fail('SIZE_DIFFERS', message);
  }
  const found = shapeOf(weights, size);
  const shape = recipe === null ? found : shapeOfRecipe(recipe, size);
  const fitted = fitWeights(weights, shape);
  if (!fitted.ok)
    return fail('WEIGHTS_DO_NOT_FIT', `${path}: ${why(fitted.failure, found, recipe)}`);
  const importedFrom = {
    file: basename(path),
    sha256: sha256(bytes),
    kerasVersion: weights.kerasVersion,
  };
  const before = await importedBefore(modelsFolder, importedFrom.sha256, size);
  if (before !== null) return ok(before);
  const normalisation = own?.normalisation ?? (await normalisationOfCache(context));
  if (normalisation === null) {
    const at = `${size.height}x${size.width}`;
    const message = `${path} does not say by which mean and deviation images are normalised, and the cache has no training images at ${at} to take them from: put the images that it was trained on, with masks, into raw/ and run nerveflow ingest --size ${at}.`;
    return fail('NORMALISATION_UNKNOWN', message);
  }
  const hash = sha256(fitted.value.weights).slice(0, 8);
  const runId = runIdOf((context.now ?? (() => new Date()))());
  const modelId = `${runId}-keras-${hash}`;
  const card: ModelCard = {
    ...(own ?? cardOf(found)),
    modelId,
    runId,
    folder: modelFolderName(modelId),
    size,
    normalisation,
    importedFrom,
    version,
    createdAt: new Date().toISOString(),
  };
  await saveModel(modelsFolder, card, fitted.value);
  return ok({ card, folder: join(modelsFolder, card.folder) });
}

function shapeOfRecipe(
  { filters, blockNormalisation, presenceWeight }: Recipe,
  size: Settings['size'],
): UNetShape {
  return {
    size,
    filters,
    blockNormalisation,
    presenceWeight,
    enlarging: 'transposed-convolution',
  };
}

function why(
  { message }: { readonly message: string },
  found: UNetShape,
  recipe: Recipe | null,
): string {
  if (recipe === null) return message;
  const hint =
    found.enlarging === 'repeated-pixels'
      ? 'It seems to be the tutorial before May 2017, which repeated pixels to enlarge: nerveflow predict --model takes that, train does not.'
      : `Recipe ${recipe.name} makes another network; --recipe names one that fits.`;
  return `${message}. ${hint}`;
}

/** The card that we wrote into the file; null of others' files. */
function ownCard(path: string, { card }: KerasWeights): ModelCard | null {
  if (card === null) return null;
  const read = parseJson(path, card, modelCardSchema);
  return read.status === 'found' ? read.value : null;
}

async function importedBefore(
  modelsFolder: string,
  sha: string,
  size: Settings['size'],
): Promise<SavedModel | null> {
  for (const name of await modelFolders(modelsFolder)) {
    const folder = join(modelsFolder, name);
    const card = await readCard(folder);
    if (card.status !== 'found' || card.value.importedFrom?.sha256 !== sha) continue;
    if (isSameSize(card.value.size, size)) return { card: card.value, folder };
  }
  return null;
}

async function normalisationOfCache({ catalog, settings }: ImportContext) {
  const pairs = currentPairs(catalog, settings);
  return pairs.length === 0 ? null : await normalisationOfSamples(catalog, pairs);
}

/** Of weights of which nothing else is known; the tutorial's ways count. */
function cardOf({ filters, blockNormalisation, presenceWeight, size }: UNetShape): ModelCard {
  const recipe: Recipe = {
    ...recipes.tutorial,
    name: 'keras',
    summary: "Keras' weights, imported",
    filters,
    blockNormalisation,
    presenceWeight,
  };
  return {
    format: 1,
    modelId: '',
    runId: '',
    folder: '',
    recipe: recipe.name,
    size,
    batchSize: recipe.batchSize,
    seed: 0,
    normalisation: { mean: 0, std: 1 },
    // On whom it was trained is not known, so nobody can validate it.
    fold: { index: 0, count: 1, validationSubjects: [] },
    dataFingerprint: 'unknown',
    pairs: 0,
    validationPairs: 0,
    epoch: 0,
    epochs: 0,
    metrics: { loss: 0, trainDice: 0, validationDice: null, validationImageDice: null },
    threshold: recipe.threshold,
    presenceThreshold: recipe.presenceThreshold,
    trainedWith: recipe,
    backend: 'keras',
    precision: 'float32',
    version,
    createdAt: '',
  };
}
