/** How a training is done, as data. `--learning-rate`, `--epochs` and `--size` override a recipe's. */
export interface Recipe {
  readonly name: RecipeName;
  readonly summary: string;
  /** Filters of the first of five levels; each level below has twice as many. */
  readonly filters: number;
  readonly initializer: 'glorotUniform' | 'heNormal';
  readonly loss: 'negative-dice' | 'dice+bce';
  readonly learningRate: number;
  readonly schedule: LearningRateSchedule;
  readonly augmentation: Augmentation;
  readonly cleaning: Cleaning;
  /** Probability from which a pixel is foreground. */
  readonly threshold: number;
}

export type RecipeName = 'tutorial' | 'default' | 'fast';

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

export interface Augmentation {
  readonly flipHorizontal: boolean;
  readonly flipVertical: boolean;
  /** Largest shift as a share of height and width, 0..1; what moves in from outside is the edge's pixel (0 in the mask). */
  readonly shift: number;
}

const unchanged: Augmentation = { flipHorizontal: false, flipVertical: false, shift: 0 };

export const recipes: Readonly<Record<RecipeName, Recipe>> = {
  tutorial: {
    name: 'tutorial',
    summary: "the Keras tutorial's, exactly: Glorot, negative Dice, Adam at 1e-5",
    filters: 32,
    initializer: 'glorotUniform',
    loss: 'negative-dice',
    learningRate: 1e-5,
    schedule: { kind: 'constant' },
    augmentation: unchanged,
    cleaning: 'none',
    threshold: 0.5,
  },
  default: {
    name: 'default',
    summary:
      'same network; He, Dice + cross-entropy, 3e-4 with warm-up and cosine, flips and shifts',
    filters: 32,
    initializer: 'heNormal',
    loss: 'dice+bce',
    learningRate: 3e-4,
    schedule: { kind: 'warmup-cosine', warmupShare: 0.05 },
    augmentation: { flipHorizontal: true, flipVertical: false, shift: 0.05 },
    cleaning: 'contradictions',
    threshold: 0.5,
  },
  fast: {
    name: 'fast',
    summary: 'a quarter of the filters and a higher learning rate, for a demo or a weak machine',
    filters: 8,
    initializer: 'heNormal',
    loss: 'dice+bce',
    learningRate: 2e-3,
    schedule: { kind: 'warmup-cosine', warmupShare: 0.05 },
    augmentation: { flipHorizontal: true, flipVertical: false, shift: 0.05 },
    cleaning: 'contradictions',
    threshold: 0.5,
  },
};
