import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { option } from '../option-spec.js';
import { networkSize, wholeNumber } from '../option-values.js';

/** What computes, and the network's size. */
export const computeOptions = {
  backend: option({
    flag: '--backend',
    argument: '<name>',
    describe: 'what computes; auto takes the first one that is usable',
    takes: 'auto, tensorflow, webgpu, onednn, wasm or cpu',
    schema: z.enum(['auto', 'tensorflow', 'webgpu', 'onednn', 'wasm', 'cpu']),
    fallback: 'auto' as const,
  }),
  threads: option({
    flag: '--threads',
    argument: '<n>',
    describe: 'threads that compute (default: all cores)',
    takes: 'a whole number from 1 to 1024',
    schema: wholeNumber(1, 1024),
    fallback: () => availableParallelism(),
  }),
  precision: option({
    flag: '--precision',
    argument: '<name>',
    describe: 'number format of the heavy kernels; bf16 needs the onednn backend and AVX512_BF16',
    takes: 'float32 or bf16',
    schema: z.enum(['float32', 'bf16']),
    fallback: 'float32' as const,
  }),
  size: option({
    flag: '--size',
    argument: '<HxW>',
    describe: "the network's height x width",
    takes: 'HEIGHTxWIDTH, both multiples of 16 from 16 to 1024, e.g. 64x80',
    schema: networkSize,
    fallback: { height: 64, width: 80 },
  }),
  batchSize: option<number | null>({
    flag: '--batch-size',
    argument: '<n>',
    describe: "images a step (default: the recipe's: 32, and fewer of small data sets)",
    takes: 'a whole number from 1 to 1024',
    schema: wholeNumber(1, 1024),
    fallback: null,
  }),
} as const;
