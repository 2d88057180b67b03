import { type Augmentation, noAugmentation } from '../operators/augment.js';

/**
 * How a training is done, as data. `--learning-rate`, `--batch-size`, `--epochs` and `--size` count
 * over it; `recipes` in nerveflow.config.json makes new ones of these.
 */
export interface Recipe {
  readonly name: string;
  readonly summary: string;
  /** Filters of the first of five levels; each level below has twice as many. */
  readonly filters: number;
  /** After the relu of each 3x3 convolution; predictions use the statistics that training kept. */
  readonly blockNormalisation: 'none' | 'batch';
  readonly initializer: 'glorotUniform' | 'heNormal';
  /**
   * Foreground probability of every pixel before the first step, by the last layer's bias: near the
   * share of nerve in an image, training need not first learn that most pixels are background.
   */
  readonly initialProbability: number;
  readonly imageNormalisation: ImageNormalisation;
  readonly loss: SegmentationLoss;
  /** Weight in the loss of the second output, "there is a nerve"; 0 leaves that output out. */
  readonly presenceWeight: number;
  /** The peak of the schedule. */
  readonly learningRate: number;
  readonly schedule: LearningRateSchedule;
  /** Images a step, at most. */
  readonly batchSize: number;
  /** Small data sets get smaller batches (down to 4), so that an epoch has so many steps. */
  readonly leastSteps: number;
  /** `full`: all but the last batch of an epoch are full; `even`: all as large as each other, or one less. */
  readonly batches: 'full' | 'even';
  /** Decay a step of the averaged weights, which are then what is validated, saved and served; 0: none. */
  readonly weightAverage: number;
  /** Ends after this many epochs without a better one; null: never. */
  readonly patience: number | null;
  readonly augmentation: Augmentation;
  readonly cleaning: Cleaning;
  /** Predictions are the mean of those of the image and of its mirror image. */
  readonly mirroredPrediction: boolean;
  /** How many models, each of its own folds, make the ensemble; 1: a single one. */
  readonly models: number;
  /** Probability from which a pixel is foreground. */
  readonly threshold: number;
  /** Evidence of a nerve below which the mask is empty, before that is tuned; null: no gate. */
  readonly presenceThreshold: number | null;
}

export type ImageNormalisation =
  /** By mean and standard deviation of all training images' pixels. */
  | 'data-set'
  /** By each image's own. */
  | 'per-image'
  /** By those of each pixel's surroundings, a quarter of the height around it. */
  | 'local-contrast';

export type SegmentationLoss =
  /** The tutorial's: minus the soft Dice of the whole batch. */
  | 'negative-dice'
  /** 1 - soft Dice of the whole batch, plus cross-entropy. */
  | 'dice+bce'
  /** 1 - mean soft Dice of each image, plus cross-entropy: false positives on an empty mask cost all of its Dice. */
  | 'image-dice+bce'
  /** The same with Tversky's index, a missed pixel counting 0.7, a false one 0.3. */
  | 'tversky+bce'
  /** 1 - mean soft Dice of each image, plus focal loss (gamma 2). */
  | 'image-dice+focal';

/**
 * What is left out of training (never of validation): near-identical images of one subject whose
 * masks contradict each other, or nothing.
 */
export type Cleaning = (typeof cleanings)[number];
export const cleanings = ['contradictions', 'none'] as const;

export type LearningRateSchedule =
  | { readonly kind: 'constant' }
  /** Linear from 0 over the first share of all steps, then half a cosine down to 1 % of the peak. */
  | { readonly kind: 'warmup-cosine'; readonly warmupShare: number };

const tutorial: Recipe = {
  name: 'tutorial',
  summary: "the Keras tutorial's, exactly: Glorot, negative Dice, Adam at 1e-5",
  filters: 32,
  blockNormalisation: 'none',
  initializer: 'glorotUniform',
  initialProbability: 0.5,
  imageNormalisation: 'data-set',
  loss: 'negative-dice',
  presenceWeight: 0,
  learningRate: 1e-5,
  schedule: { kind: 'constant' },
  batchSize: 32,
  leastSteps: 1,
  batches: 'full',
  weightAverage: 0,
  patience: null,
  augmentation: noAugmentation,
  cleaning: 'none',
  mirroredPrediction: false,
  models: 1,
  threshold: 0.5,
  presenceThreshold: null,
};

const standard: Recipe = {
  ...tutorial,
  name: 'default',
  summary:
    'half the filters, normalised by image and by batch; He, Dice of each image + cross-entropy, presence of a nerve, 1e-3 with warm-up and cosine, augmentation, mirrored predictions',
  filters: 16,
  blockNormalisation: 'batch',
  initializer: 'heNormal',
  initialProbability: 0.01,
  imageNormalisation: 'per-image',
  loss: 'image-dice+bce',
  presenceWeight: 0.2,
  presenceThreshold: 0.5,
  learningRate: 1e-3,
  schedule: { kind: 'warmup-cosine', warmupShare: 0.05 },
  leastSteps: 12,
  batches: 'even',
  augmentation: { ...noAugmentation, flipHorizontal: true, shift: 0.05, scale: 0.1, rotation: 10 },
  cleaning: 'contradictions',
  mirroredPrediction: true,
};

const fast: Recipe = {
  ...standard,
  name: 'fast',
  summary: 'half the filters of default and a higher learning rate, for a demo or a weak machine',
  filters: 8,
  learningRate: 2e-3,
  mirroredPrediction: false,
};

const best: Recipe = {
  ...standard,
  name: 'best',
  summary:
    'when time does not count: four times the weights of default, stronger augmentation, averaged weights; an ensemble of five models',
  filters: 32,
  weightAverage: 0.999,
  augmentation: {
    ...standard.augmentation,
    shift: 0.1,
    scale: 0.2,
    rotation: 15,
    brightness: 0.1,
    contrast: 0.2,
    speckle: 0.05,
  },
  models: 5,
};

/** Those that come with the program, by name. */
export const recipes: Readonly<Record<'tutorial' | 'default' | 'fast' | 'best', Recipe>> = {
  tutorial,
  default: standard,
  fast,
  best,
};

/** Batches smaller than this make poor statistics. */
const leastBatch = 4;

/** Images a step for so many training pairs; what a person asked for counts over the recipe. */
export function batchSizeFor(
  { batchSize, leastSteps }: Pick<Recipe, 'batchSize' | 'leastSteps'>,
  pairs: number,
  asked: number | null,
): number {
  if (asked !== null) return asked;
  return Math.min(batchSize, Math.max(leastBatch, Math.floor(pairs / leastSteps)));
}

/** Images a prediction, where nobody asks for another number. */
export const predictionBatch = 32;
