import { z } from 'zod';
import { type PostProcessing, untunedPostProcessing } from '../operators/post-processing.js';
import { recipeSchema } from './recipe-schema.js';

/** How a model's probabilities become masks. Of earlier versions it may name a `priorWeight`, which counts no more. */
export const postProcessingSchema: z.ZodType<PostProcessing> = z.object({
  threshold: z.number(),
  presenceThreshold: z.number().nullable(),
  leastArea: z.number(),
  fillHoles: z.boolean(),
  largestComponents: z.number().nullable(),
});

/**
 * nerveflow.json in a model's folder: what trained it and what it needs to predict, so that a
 * model never depends on what raw/ holds today.
 */
export const modelCardSchema = z.object({
  format: z.literal(1),
  modelId: z.string(),
  runId: z.string(),
  /** Base name of its folder under store/models. */
  folder: z.string(),
  recipe: z.string(),
  size: z.object({ height: z.number(), width: z.number() }),
  batchSize: z.number(),
  seed: z.number(),
  normalisation: z.object({ mean: z.number(), std: z.number() }),
  fold: z.object({
    index: z.number(),
    count: z.number(),
    validationSubjects: z.array(z.union([z.number(), z.string()])),
    /** Every subject that its weights have learnt from, those of the models it goes back to included. */
    trainedSubjects: z.array(z.union([z.number(), z.string()])).optional(),
  }),
  /** Id of the model whose weights its training started from. */
  startedFrom: z.string().optional(),
  /** The file of Keras' weights that it was made of; nobody here has trained it. */
  importedFrom: z
    .object({ file: z.string(), sha256: z.string(), kerasVersion: z.string().nullable() })
    .optional(),
  dataFingerprint: z.string(),
  pairs: z.number(),
  validationPairs: z.number(),
  epoch: z.number(),
  epochs: z.number(),
  metrics: z.object({
    loss: z.number(),
    trainDice: z.number(),
    validationDice: z.number().nullable(),
    validationImageDice: z.number().nullable(),
  }),
  /** Probability from which a pixel is foreground, before anything was tuned. */
  threshold: z.number(),
  /** Evidence of a nerve below which the mask is empty, before that was tuned. */
  presenceThreshold: z.number().nullable().optional(),
  /** Tuned on the validation subjects; left out where nothing was. */
  postProcessing: postProcessingSchema.optional(),
  /**
   * By which logits are divided for probabilities that can be believed, fitted on the validation subjects.
   * Of an ensemble, on what each member makes of its own: each subject has taught all members but one, and
   * the mean of what they remember would pass for better than it is. Left out where nothing was: it is 1.
   */
  temperature: z.number().positive().optional(),
  /** All of the recipe as it was used; with size, batch size, epochs, seed and fold, what `train --like` repeats. */
  trainedWith: recipeSchema.optional(),
  /** Training pairs that cleaning left out; samples.json names them. */
  leftOut: z.number().optional(),
  /** How many models the ensemble has, each with a card of its own in the folder; left out of a single one. */
  voters: z.number().optional(),
  threads: z.number().optional(),
  backend: z.string(),
  precision: z.enum(['float32', 'bf16']),
  version: z.string(),
  createdAt: z.string(),
});

export type ModelCard = z.infer<typeof modelCardSchema>;

/** What is done to a model's probabilities. */
export function postProcessingOfCard(
  card: Pick<ModelCard, 'postProcessing' | 'threshold' | 'presenceThreshold'>,
): PostProcessing {
  return card.postProcessing ?? untunedOfCard(card);
}

/** Before it was tuned. */
export function untunedOfCard({
  threshold,
  presenceThreshold = null,
}: Pick<ModelCard, 'threshold' | 'presenceThreshold'>): PostProcessing {
  return untunedPostProcessing({ threshold, presenceThreshold });
}
