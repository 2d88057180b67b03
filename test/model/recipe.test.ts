import { expect, test } from 'vitest';
import { batchSizeFor, recipes } from '../../src/model/recipe.js';
import { recipeSchema } from '../../src/model/recipe-schema.js';
import { chunkEvenly } from '../../src/operators/batch.js';

test.each(
  Object.entries(recipes),
)('%s keeps to the rules that own recipes keep', (name, recipe) => {
  expect(recipeSchema.parse(recipe)).toEqual(recipe);
  expect(recipe.name).toBe(name);
});

test('a recipe gates from the start where its network tells presence, and nowhere else', () => {
  for (const { presenceWeight, presenceThreshold } of Object.values(recipes)) {
    expect(presenceThreshold).toBe(presenceWeight > 0 ? 0.5 : null);
  }
});

test("the tutorial's is the tutorial's", () => {
  expect(recipes.tutorial).toMatchObject({
    filters: 32,
    blockNormalisation: 'none',
    initializer: 'glorotUniform',
    initialProbability: 0.5,
    imageNormalisation: 'data-set',
    loss: 'negative-dice',
    presenceWeight: 0,
    learningRate: 1e-5,
    schedule: { kind: 'constant' },
    weightAverage: 0,
    patience: null,
    cleaning: 'none',
    mirroredPrediction: false,
    models: 1,
    threshold: 0.5,
  });
  expect(new Set(Object.values(recipes.tutorial.augmentation))).toEqual(new Set([false, 0]));
  for (const pairs of [48, 5635]) expect(batchSizeFor(recipes.tutorial, pairs, null)).toBe(32);
});

test('small data sets get small batches, large ones full ones, and who asks gets what was asked for', () => {
  const recipe = { batchSize: 32, leastSteps: 12 };
  const sizes = [4, 48, 100, 384, 5635].map((pairs) => batchSizeFor(recipe, pairs, null));
  expect(sizes).toEqual([4, 4, 8, 32, 32]);
  expect(batchSizeFor(recipe, 48, 16)).toBe(16);
});

test('even batches are as many as full ones, and differ by one at most', () => {
  const items = Array.from({ length: 35 }, (_, index) => index);
  const batches = chunkEvenly(items, 32);
  expect(batches.map((batch) => batch.length)).toEqual([17, 18]);
  expect(batches.flat()).toEqual(items);
  expect(chunkEvenly([], 4)).toEqual([]);
  expect(chunkEvenly(items, 5).every((batch) => batch.length === 5)).toBe(true);
});
