import { z } from 'zod';
import { cleanings, type Recipe } from './recipe.js';

const share = z.number().min(0).max(1);
const wholeNumber = (least: number, most: number) => z.number().int().min(least).max(most);

const augmentationSchema = z.strictObject({
  flipHorizontal: z.boolean(),
  flipVertical: z.boolean(),
  shift: share,
  scale: z.number().min(0).max(0.9),
  rotation: z.number().min(0).max(180),
  brightness: share,
  contrast: share,
  speckle: share,
  blur: share,
});

const settingsSchema = z.strictObject({
  summary: z.string(),
  filters: wholeNumber(1, 512),
  blockNormalisation: z.enum(['none', 'batch']),
  initializer: z.enum(['glorotUniform', 'heNormal']),
  initialProbability: z.number().gt(0).lt(1),
  imageNormalisation: z.enum(['data-set', 'per-image', 'local-contrast']),
  loss: z.enum(['negative-dice', 'dice+bce', 'image-dice+bce', 'tversky+bce', 'image-dice+focal']),
  presenceWeight: z.number().min(0).max(100),
  learningRate: z.number().positive().max(1),
  schedule: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('constant') }),
    z.strictObject({ kind: z.literal('warmup-cosine'), warmupShare: share }),
  ]),
  batchSize: wholeNumber(1, 1024),
  leastSteps: wholeNumber(1, 100_000),
  batches: z.enum(['full', 'even']),
  weightAverage: z.number().min(0).lt(1),
  patience: wholeNumber(1, 100_000).nullable(),
  augmentation: augmentationSchema,
  cleaning: z.enum(cleanings),
  mirroredPrediction: z.boolean(),
  models: wholeNumber(1, 20),
  threshold: share,
  presenceThreshold: share.nullable(),
});

/** A whole recipe, as checkpoints and model cards keep it. */
export const recipeSchema: z.ZodType<Recipe> = settingsSchema.extend({
  name: z.string(),
  // Recipes of earlier versions had none.
  presenceThreshold: share.nullable().default(null),
});

const ownRecipeSchema = settingsSchema.partial().extend({
  extends: z.string(),
  augmentation: augmentationSchema.partial().optional(),
});

/** What is wrong with a `recipes` entry of a config file, in one line. */
export class RecipeProblem extends Error {}

/**
 * The recipes of a config file together with those that come with the program. Each names the one
 * it `extends` (one of the program's, or one that stands before it) and what differs.
 *
 * @throws RecipeProblem naming the recipe, the field and what it takes
 */
export function withOwnRecipes(
  known: Readonly<Record<string, Recipe>>,
  own: unknown,
): Readonly<Record<string, Recipe>> {
  const entries = z.record(z.string(), z.unknown()).safeParse(own);
  if (!entries.success) {
    throw new RecipeProblem(
      'must be an object of recipes, e.g. { "mine": { "extends": "default" } }',
    );
  }
  const all = new Map(Object.entries(known));
  for (const [name, entry] of Object.entries(entries.data)) {
    if (!/^[\w-]{1,40}$/.test(name)) {
      throw new RecipeProblem(`"${name}": a name takes letters, digits, - and _`);
    }
    if (Object.hasOwn(known, name)) {
      throw new RecipeProblem(`"${name}" comes with the program; give yours another name`);
    }
    const parsed = ownRecipeSchema.safeParse(entry);
    if (!parsed.success) throw new RecipeProblem(`"${name}": ${firstIssue(parsed.error)}`);
    const { extends: baseName, ...settings } = parsed.data;
    const base = all.get(baseName);
    if (base === undefined) {
      const names = [...all.keys()].join(', ');
      throw new RecipeProblem(`"${name}" extends "${baseName}"; known before it are ${names}`);
    }
    const changed: unknown = {
      ...base,
      summary: `${baseName}, changed in nerveflow.config.json`,
      ...settings,
      name,
      augmentation: { ...base.augmentation, ...settings.augmentation },
    };
    all.set(name, recipeSchema.parse(changed));
  }
  return Object.fromEntries(all);
}

function firstIssue({ issues }: z.ZodError): string {
  const { path, message } = issues[0]!;
  const text = message.replaceAll(/\s+/g, ' ');
  return path.length === 0 ? text : `${path.join('.')}: ${text}`;
}
