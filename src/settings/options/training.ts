import { z } from 'zod';
import { type Cleaning, cleanings } from '../../model/recipe.js';
import { option, switchOption, wholeNumberOption } from '../option-spec.js';
import { anyNumber, someText } from '../option-values.js';

/** How a model is trained. */
export const trainingOptions = {
  recipe: option({
    flag: '--recipe',
    argument: '<name>',
    describe:
      'how to train: tutorial (the original, exactly), default, fast, best, or one of your own; train --help lists them',
    takes: "a recipe's name",
    schema: someText,
    fallback: 'default',
  }),
  epochs: wholeNumberOption('--epochs', [1, 100_000], 'passes over the training images', 20),
  learningRate: option<number | null>({
    flag: '--learning-rate',
    argument: '<x>',
    describe: "the peak learning rate (default: the recipe's)",
    takes: 'a number above 0 and up to 1',
    schema: anyNumber(Number.MIN_VALUE, 1),
    fallback: null,
  }),
  cleaning: option<Cleaning | null>({
    flag: '--cleaning',
    argument: '<what>',
    describe:
      "what is left out of training: contradictions (near-identical images whose masks disagree) or none (default: the recipe's)",
    takes: 'contradictions or none',
    schema: z.enum(cleanings),
    fallback: null,
  }),
  seed: wholeNumberOption(
    '--seed',
    [0, 4_294_967_295],
    'the same seed and data give the same losses on one backend and thread count',
    1,
  ),
  folds: wholeNumberOption(
    '--folds',
    [2, 100],
    'subjects are split into this many folds by hash; one of them validates',
    5,
  ),
} as const;

/** How a training follows a model that is there. */
export const continuationOptions = {
  retrainEpochs: wholeNumberOption(
    '--retrain-epochs',
    [1, 100_000],
    'epochs of a training that goes on from the best model (default: half of --epochs)',
    null,
  ),
  fresh: switchOption(
    '--fresh',
    'train from the first weights on instead of going on from the best model',
  ),
} as const;

/** A model's training once more. */
export const repetitionOptions = {
  like: option<string | null>({
    flag: '--like',
    argument: '<model>',
    describe:
      "repeat a model's training: its id or folder; the model's own settings and samples count",
    takes: "a model's id or folder",
    schema: someText,
    fallback: null,
  }),
  otherData: switchOption(
    '--other-data',
    'with --like: train on what there is now where the data is not what it was',
  ),
} as const;
