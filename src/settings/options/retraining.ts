import { z } from 'zod';
import { option } from '../option-spec.js';
import { anyNumber, wholeNumber } from '../option-values.js';

/** When to train again. */
export const retrainingOptions = {
  retrain: option({
    flag: '--retrain',
    argument: '<policy>',
    describe: 'when to train again: auto (enough has changed), manual (by key), never',
    takes: 'auto, manual or never',
    schema: z.enum(['auto', 'manual', 'never']),
    fallback: 'auto' as const,
  }),
  retrainPairs: option({
    flag: '--retrain-pairs',
    argument: '<n>',
    describe: 'with --retrain auto: train again when so many pairs are new, changed or gone, and',
    takes: 'a whole number from 1 to 1000000',
    schema: wholeNumber(1, 1_000_000),
    fallback: 2,
  }),
  retrainPercent: option({
    flag: '--retrain-percent',
    argument: '<x>',
    describe: 'so many in a hundred of all pairs, and',
    takes: 'a number from 0 to 100',
    schema: anyNumber(0, 100),
    fallback: 10,
  }),
  retrainQuiet: option({
    flag: '--retrain-quiet',
    argument: '<s>',
    describe: 'no pair has come, changed or gone for so many seconds',
    takes: 'seconds from 0 to 86400',
    schema: anyNumber(0, 86_400),
    fallback: 30,
  }),
} as const;
