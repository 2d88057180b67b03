import { z } from 'zod';

/**
 * What the page and the server say to each other, all of it below /api/v1. The page imports the types
 * of this file and nothing else of the program.
 */
const count = z.number().int().nonnegative();
const finiteOrNull = z.number().nullable();

export const imageSchema = z.object({
  /** `split/id`; what all else asks for. */
  key: z.string(),
  id: z.string(),
  split: z.enum(['train', 'test']),
  /** Whom it shows; null where nobody said. */
  subject: z.string().nullable(),
  /** Rows and columns of the image as it was taken in; 0 where its file is not known any more. */
  height: count,
  width: count,
  /** Another one when the image's pixels or its mask are others. */
  version: z.string(),
  spacing: z.object({ rowMm: z.number(), columnMm: z.number() }).nullable(),
  hasTruth: z.boolean(),
  prediction: z
    .object({
      pixels: count,
      areaMm2: finiteOrNull,
      uncertainty: finiteOrNull,
      /** Of a structure being there at all. */
      evidence: finiteOrNull,
      /** ISO 8601. */
      predictedAt: z.string().nullable(),
      modelId: z.string(),
    })
    .nullable(),
});
export type Image = z.infer<typeof imageSchema>;

export const imageListSchema = z.object({ total: count, images: z.array(imageSchema) });
export type ImageList = z.infer<typeof imageListSchema>;

export const imageDetailsSchema = imageSchema.extend({
  /** The columns of measurements.csv; empty without a prediction. */
  measures: z.record(z.string(), finiteOrNull),
  /** All images of the same file, this one included. */
  frames: z.object({ keys: z.array(z.string()), index: count }).nullable(),
});
export type ImageDetails = z.infer<typeof imageDetailsSchema>;

export const maskSchema = z.object({
  height: count,
  width: count,
  /** Kaggle's run lengths: `start length ...`, down the columns, from 1. */
  rle: z.string(),
});
export type Mask = z.infer<typeof maskSchema>;

export const statusSchema = z.object({
  version: z.string(),
  program: z.object({ running: z.boolean(), command: z.string().nullable() }),
  model: z.object({ id: z.string(), recipe: z.string(), dice: finiteOrNull }).nullable(),
  counts: z.object({ train: count, test: count, predicted: count, failed: count }),
  canLabel: z.literal(false),
});
export type Status = z.infer<typeof statusSchema>;

export const problemSchema = z.object({ code: z.string(), message: z.string() });
export type Problem = z.infer<typeof problemSchema>;

const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number)
    .pipe(z.number().min(least).max(most));
const someText = z.string().max(200).optional();

/** Of GET images. */
export const listQuerySchema = z.strictObject({
  split: z.enum(['all', 'train', 'test']).default('all'),
  sort: z.enum(['name', 'uncertainty', 'area', 'presence', 'age']).default('name'),
  order: z.enum(['asc', 'desc']).default('asc'),
  /** Only this one's. */
  subject: someText,
  /** Only those whose predicted mask is empty, or not. */
  empty: z.enum(['yes', 'no']).optional(),
  /** Only those with this in their key, in capitals or not. */
  text: someText,
  offset: wholeNumber(0, 999_999_999).default(0),
  limit: wholeNumber(1, 500).default(100),
});
export type ListQuery = z.infer<typeof listQuerySchema>;

const version = z.string().max(100).optional();

/** Of GET pictures. */
export const pictureQuerySchema = z.strictObject({
  size: z.enum(['thumb', 'full']).default('thumb'),
  v: version,
});
export type PictureSize = z.infer<typeof pictureQuerySchema>['size'];

/** Of GET masks. */
export const maskQuerySchema = z.strictObject({
  of: z.enum(['prediction', 'truth']).default('prediction'),
  v: version,
});
export type MaskOf = z.infer<typeof maskQuerySchema>['of'];
