import type { Normalisation } from '../compute/compute.js';
import type { Recipe } from '../model/recipe.js';
import { addPixels, noPixels, normalisationOf } from '../operators/normalize.js';
import type { Settings } from '../settings/options.js';
import type { Catalog } from '../store/catalog.js';
import type { SampleRecord } from '../store/records.js';
import { pixelKeysOf } from './batches.js';

/** Images read at once. */
const CHUNK = 64;

/** The recipe asked for, with the learning rate and the cleaning asked for. */
export function recipeOf({
  recipe,
  recipes,
  learningRate,
  cleaning,
}: Pick<Settings, 'recipe' | 'recipes' | 'learningRate' | 'cleaning'>): Recipe {
  const chosen = recipes[recipe];
  if (chosen === undefined) throw new RangeError(`no recipe ${recipe}`);
  return {
    ...chosen,
    ...(learningRate !== null && { learningRate }),
    ...(cleaning !== null && { cleaning }),
  };
}

/** Of the training images alone: nothing of a validation subject may reach the model. */
export async function normalisationOfSamples(
  { cache }: Pick<Catalog, 'cache'>,
  training: readonly SampleRecord[],
): Promise<Normalisation> {
  const keys = training.map((sample) => pixelKeysOf(sample).image);
  let sums = noPixels;
  for (let start = 0; start < keys.length; start += CHUNK) {
    for (const record of await cache.readPixels(keys.slice(start, start + CHUNK))) {
      if (record !== undefined) sums = addPixels(sums, record.pixels);
    }
  }
  return normalisationOf(sums);
}
