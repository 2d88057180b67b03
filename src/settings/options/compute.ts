import { availableParallelism } from 'node:os';
import { choiceOption, option, wholeNumberOption } from '../option-spec.js';
import { networkSize, wholeNumber } from '../option-values.js';

/** What computes, and the network's size. */
export const computeOptions = {
  backend: choiceOption(
    '--backend',
    '<name>',
    ['auto', 'tensorflow', 'webgpu', 'onednn', 'wasm', 'cpu'],
    'what computes; auto takes the first one that is usable',
    'auto',
  ),
  threads: option({
    flag: '--threads',
    argument: '<n>',
    describe: 'threads that compute (default: all cores)',
    takes: 'a whole number from 1 to 1024',
    schema: wholeNumber(1, 1024),
    fallback: () => availableParallelism(),
  }),
  precision: choiceOption(
    '--precision',
    '<name>',
    ['float32', 'bf16'],
    'number format of the heavy kernels; bf16 needs the onednn backend and AVX512_BF16',
    'float32',
  ),
  size: option({
    flag: '--size',
    argument: '<HxW>',
    describe: "the network's height x width",
    takes: 'HEIGHTxWIDTH, both multiples of 16 from 16 to 1024, e.g. 64x80',
    schema: networkSize,
    fallback: { height: 64, width: 80 },
  }),
  batchSize: wholeNumberOption(
    '--batch-size',
    [1, 1024],
    "images a step (default: the recipe's: 32, and fewer of small data sets)",
    null,
  ),
} as const;
