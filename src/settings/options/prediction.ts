import { option } from '../option-spec.js';
import { type PostProcessingOverride, postProcessingOverride } from '../post-processing-option.js';

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
