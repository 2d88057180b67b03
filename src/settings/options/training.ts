import { z } from 'zod';
import { type Cleaning, cleanings } from '../../model/recipe.js';
import { option, switchOption } from '../option-spec.js';
import { anyNumber, someText, wholeNumber } from '../option-values.js';

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
  epochs: option({
    flag: '--epochs',
    argument: '<n>',
    describe: 'passes over the training images',
    takes: 'a whole number from 1 to 100000',
    schema: wholeNumber(1, 100_000),
    fallback: 20,
  }),
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
  seed: option({
    flag: '--seed',
    argument: '<n>',
    describe: 'the same seed and data give the same losses on one backend and thread count',
    takes: 'a whole number from 0 to 4294967295',
    schema: wholeNumber(0, 4_294_967_295),
    fallback: 1,
  }),
  folds: option({
    flag: '--folds',
    argument: '<n>',
    describe: 'subjects are split into this many folds by hash; one of them validates',
    takes: 'a whole number from 2 to 100',
    schema: wholeNumber(2, 100),
    fallback: 5,
  }),
} as const;

/** How a training follows a model that is there. */
export const continuationOptions = {
  retrainEpochs: option<number | null>({
    flag: '--retrain-epochs',
    argument: '<n>',
    describe: 'epochs of a training that goes on from the best model (default: half of --epochs)',
    takes: 'a whole number from 1 to 100000',
    schema: wholeNumber(1, 100_000),
    fallback: null,
  }),
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
