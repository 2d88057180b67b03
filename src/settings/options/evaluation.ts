import { option, switchOption } from '../option-spec.js';
import { differentSeeds, imageSize, someText } from '../option-values.js';

/** Cross-validation, and scoring a submission against the truth. */
export const evaluationOptions = {
  seeds: option<readonly number[] | null>({
    flag: '--seeds',
    argument: '<n,n,...>',
    describe: 'evaluate once with each of these seeds (default: --seed alone)',
    takes: 'different whole numbers from 0 to 4294967295, with commas between them',
    schema: differentSeeds,
    fallback: null,
  }),
  promote: switchOption(
    '--promote',
    "when all is evaluated, make the folds' models the ensemble that predicts",
  ),
  against: option<string | null>({
    flag: '--against',
    argument: '<truth.csv>',
    describe:
      'score --submission against true rows (img,pixels or subject,img,pixels) instead of cross-validating',
    takes: 'a file',
    schema: someText,
    fallback: null,
  }),
  submission: option<string | null>({
    flag: '--submission',
    argument: '<file>',
    describe: "with --against: what to score (default: the store's submission.csv)",
    takes: 'a file',
    schema: someText,
    fallback: null,
  }),
  imageSize: option<{ readonly height: number; readonly width: number } | null>({
    flag: '--image-size',
    argument: '<HxW>',
    describe:
      "with --against: height x width of the images (default: that of raw's own, else 420x580)",
    takes: 'HEIGHTxWIDTH, e.g. 420x580',
    schema: imageSize,
    fallback: null,
  }),
} as const;
