import { z } from 'zod';
import { cleanings, type Recipe } from './recipe.js';

/** A whole recipe as a checkpoint or a model's card keeps it. */
export const recipeSchema: z.ZodType<Recipe> = z.object({
  name: z.enum(['tutorial', 'default', 'fast']),
  summary: z.string(),
  filters: z.number(),
  initializer: z.enum(['glorotUniform', 'heNormal']),
  loss: z.enum(['negative-dice', 'dice+bce']),
  learningRate: z.number(),
  schedule: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('constant') }),
    z.object({ kind: z.literal('warmup-cosine'), warmupShare: z.number() }),
  ]),
  augmentation: z.object({
    flipHorizontal: z.boolean(),
    flipVertical: z.boolean(),
    shift: z.number(),
  }),
  cleaning: z.enum(cleanings),
  threshold: z.number(),
});
