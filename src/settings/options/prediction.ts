import { z } from 'zod';
import type { PostProcessing } from '../../operators/post-processing.js';
import { option } from '../option-spec.js';

/** What a person wants otherwise than it was tuned for the model; what is left out stays as tuned. */
type PostProcessingOverride = { readonly [K in keyof PostProcessing]?: PostProcessing[K] };

const share = z.number().min(0).max(1);

const overrideSchema = z
  .strictObject({
    threshold: share,
    presenceThreshold: share.nullable(),
    leastArea: share,
    fillHoles: z.boolean(),
    largestComponents: z.number().int().min(1).nullable(),
  })
  .partial();

/** `threshold=0.4,presenceThreshold=off`: as flags and variables have it. */
const asText = z
  .string()
  .regex(/^\s*[a-zA-Z]+\s*=[^,=]+(,\s*[a-zA-Z]+\s*=[^,=]+)*$/)
  .transform((text) =>
    Object.fromEntries(
      text.split(',').map((part) => {
        const [key = '', value = ''] = part.split('=').map((word) => word.trim());
        return [key, wordValue(value)];
      }),
    ),
  );

const postProcessingOverride = z
  .union([asText, z.record(z.string(), z.unknown())])
  .pipe(overrideSchema)
  // Zod's optional keys may be there and undefined; nobody gives them so.
  .transform((override) => override as PostProcessingOverride);

function wordValue(word: string): unknown {
  switch (word) {
    case 'off':
      return null;
    case 'true':
    case 'yes':
      return true;
    case 'false':
    case 'no':
      return false;
    default:
      return Number(word);
  }
}

/** How probabilities become masks. */
export const predictionOptions = {
  postProcessing: option<PostProcessingOverride | null>({
    flag: '--post-processing',
    argument: '<k=v,...>',
    describe:
      'how probabilities become masks, where not as tuned for the model, e.g. threshold=0.4,leastArea=0.001',
    takes:
      'threshold, presenceThreshold (or off) and leastArea from 0 to 1, fillHoles (yes or no), largestComponents (from 1, or off), with commas between them',
    schema: postProcessingOverride,
    fallback: null,
  }),
} as const;
