import type { Recipe } from '../model/recipe.js';
import type { Settings } from './options.js';

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
