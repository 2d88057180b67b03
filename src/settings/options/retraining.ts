import { choiceOption, option, wholeNumberOption } from '../option-spec.js';
import { anyNumber } from '../option-values.js';

/** When to train again. */
export const retrainingOptions = {
  retrain: choiceOption(
    '--retrain',
    '<policy>',
    ['auto', 'manual', 'never'],
    'when to train again: auto (enough has changed), manual (by key), never',
    'auto',
  ),
  retrainPairs: wholeNumberOption(
    '--retrain-pairs',
    [1, 1_000_000],
    'with --retrain auto: train again when so many pairs are new, changed or gone, and',
    2,
  ),
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
