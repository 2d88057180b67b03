import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { type Cleaning, cleanings, type Recipe } from '../model/recipe.js';
import { type ListenAddress, parseListenAddress } from './listen-address.js';
import { type PostProcessingOverride, postProcessingOverride } from './post-processing-option.js';

/**
 * One row per option: the flag, the NERVEFLOW_ variable, the key in nerveflow.config.json, the
 * help text and the check all come from here.
 */
export interface OptionSpec<T> {
  readonly flag: string;
  /** For `--help`, e.g. `<n>`; absent for a switch. */
  readonly argument?: string;
  readonly describe: string;
  /** Ends the sentence "it takes ..." when a value is refused. */
  readonly takes: string;
  readonly schema: z.ZodType<T>;
  readonly fallback: T | (() => T);
}

const option = <T>(spec: OptionSpec<T>): OptionSpec<T> => spec;

/** Numbers come as text from flags and variables, as numbers from the config file. */
const numeric = z.union([z.number(), z.string().trim().min(1).transform(Number)]);
const wholeNumber = (min: number, max: number) => numeric.pipe(z.number().int().min(min).max(max));
const anyNumber = (min: number, max: number) => numeric.pipe(z.number().min(min).max(max));
const folder = z.string().min(1);
/** Variables and config files write a switch as text; flags give a real boolean. */
const onOff = z.union([
  z.boolean(),
  z.enum(['1', 'true', 'yes', 'on']).transform(() => true),
  z.enum(['0', 'false', 'no', 'off']).transform(() => false),
]);
const onOffTakes = 'true or false';

function heightAndWidth(text: string): { height: number; width: number } {
  const [height, width] = text.split('x').map(Number) as [number, number];
  return { height, width };
}

const gridSize = z
  .string()
  .regex(/^\d+x\d+$/)
  .transform(heightAndWidth)
  .refine((s) => [s.height, s.width].every((n) => n >= 16 && n <= 1024 && n % 16 === 0));

const listenAddress = z
  .union([z.string(), z.number().transform(String)])
  .transform((text) => parseListenAddress(text.trim()))
  .refine((address) => address !== null);

const switchOff = { takes: onOffTakes, schema: onOff, fallback: false } as const;

export const options = {
  raw: option({
    flag: '--raw',
    argument: '<folder>',
    describe: 'where the images are dropped: train/S_N.tif, train/S_N_mask.tif, test/N.tif',
    takes: 'a folder',
    schema: folder,
    fallback: './raw',
  }),
  store: option({
    flag: '--store',
    argument: '<folder>',
    describe: 'what the program keeps: cache, models, masks, submission.csv',
    takes: 'a folder',
    schema: folder,
    fallback: './store',
  }),
  backend: option({
    flag: '--backend',
    argument: '<name>',
    describe: 'what computes; auto takes the first one that is usable',
    takes: 'auto, tensorflow, webgpu, onednn, wasm or cpu',
    schema: z.enum(['auto', 'tensorflow', 'webgpu', 'onednn', 'wasm', 'cpu']),
    fallback: 'auto' as const,
  }),
  size: option({
    flag: '--size',
    argument: '<HxW>',
    describe: "the network's height x width",
    takes: 'HEIGHTxWIDTH, both multiples of 16 from 16 to 1024, e.g. 64x80',
    schema: gridSize,
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
  recipe: option({
    flag: '--recipe',
    argument: '<name>',
    describe:
      'how to train: tutorial (the original, exactly), default, fast, best, or one of your own; train --help lists them',
    takes: "a recipe's name",
    schema: z.string().min(1),
    fallback: 'default',
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
  precision: option({
    flag: '--precision',
    argument: '<name>',
    describe: 'number format of the heavy kernels; bf16 needs the onednn backend and AVX512_BF16',
    takes: 'float32 or bf16',
    schema: z.enum(['float32', 'bf16']),
    fallback: 'float32' as const,
  }),
  seed: option({
    flag: '--seed',
    argument: '<n>',
    describe: 'the same seed and data give the same losses on one backend and thread count',
    takes: 'a whole number from 0 to 4294967295',
    schema: wholeNumber(0, 4_294_967_295),
    fallback: 1,
  }),
  seeds: option<readonly number[] | null>({
    flag: '--seeds',
    argument: '<n,n,...>',
    describe: 'evaluate once with each of these seeds (default: --seed alone)',
    takes: 'different whole numbers from 0 to 4294967295, with commas between them',
    schema: z
      .union([
        z.array(z.number()),
        z
          .string()
          .regex(/^\d+(,\d+)*$/)
          .transform((text) => text.split(',').map(Number)),
      ])
      .pipe(z.array(z.number().int().min(0).max(4_294_967_295)).min(1))
      .refine((seeds) => new Set(seeds).size === seeds.length),
    fallback: null,
  }),
  promote: option({
    ...switchOff,
    flag: '--promote',
    describe: "when all is evaluated, let the folds' models vote as the model that predicts",
  }),
  against: option<string | null>({
    flag: '--against',
    argument: '<truth.csv>',
    describe: 'score --submission against true rows (img,pixels) instead of cross-validating',
    takes: 'a file',
    schema: folder,
    fallback: null,
  }),
  submission: option<string | null>({
    flag: '--submission',
    argument: '<file>',
    describe: "with --against: what to score (default: the store's submission.csv)",
    takes: 'a file',
    schema: folder,
    fallback: null,
  }),
  imageSize: option<{ readonly height: number; readonly width: number } | null>({
    flag: '--image-size',
    argument: '<HxW>',
    describe:
      "with --against: height x width of the test images (default: that of raw's own, else 420x580)",
    takes: 'HEIGHTxWIDTH, e.g. 420x580',
    schema: z
      .string()
      .regex(/^[1-9]\d{0,4}x[1-9]\d{0,4}$/)
      .transform(heightAndWidth),
    fallback: null,
  }),
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
  retrainEpochs: option<number | null>({
    flag: '--retrain-epochs',
    argument: '<n>',
    describe: 'epochs of a training that goes on from the best model (default: half of --epochs)',
    takes: 'a whole number from 1 to 100000',
    schema: wholeNumber(1, 100_000),
    fallback: null,
  }),
  like: option<string | null>({
    flag: '--like',
    argument: '<model>',
    describe:
      "repeat a model's training: its id or folder; the model's own settings and samples count",
    takes: "a model's id or folder",
    schema: z.string().min(1),
    fallback: null,
  }),
  otherData: option({
    ...switchOff,
    flag: '--other-data',
    describe: 'with --like: train on what there is now where the data is not what it was',
  }),
  fresh: option({
    ...switchOff,
    flag: '--fresh',
    describe: 'train from the first weights on instead of going on from the best model',
  }),
  folds: option({
    flag: '--folds',
    argument: '<n>',
    describe: 'subjects are split into this many folds by hash; one of them validates',
    takes: 'a whole number from 2 to 100',
    schema: wholeNumber(2, 100),
    fallback: 5,
  }),
  settle: option({
    flag: '--settle',
    argument: '<ms>',
    describe: 'a file is read when its size and time have not changed for this long',
    takes: 'milliseconds from 20 to 60000',
    schema: wholeNumber(20, 60_000),
    fallback: 250,
  }),
  poll: option({
    ...switchOff,
    flag: '--poll',
    describe: 'look for changes by polling (network folders, no inotify left)',
  }),
  threads: option({
    flag: '--threads',
    argument: '<n>',
    describe: 'threads that compute (default: all cores)',
    takes: 'a whole number from 1 to 1024',
    schema: wholeNumber(1, 1024),
    fallback: () => availableParallelism(),
  }),
  metrics: option<ListenAddress | null>({
    flag: '--metrics',
    argument: '<[host:]port>',
    describe: 'serve numbers for Prometheus there; a bare port is on 127.0.0.1 (default: off)',
    takes: 'a port from 0 to 65535, or HOST:PORT, e.g. 9464 or 0.0.0.0:9464',
    schema: listenAddress,
    fallback: null,
  }),
  json: option({ ...switchOff, flag: '--json', describe: 'print one event a line on stdout' }),
  plain: option({ ...switchOff, flag: '--plain', describe: 'print a plain log, no dashboard' }),
  ascii: option({ ...switchOff, flag: '--ascii', describe: 'draw the dashboard in ASCII only' }),
  pictures: option({
    flag: '--pictures',
    argument: '<how>',
    describe:
      'how the dashboard draws what the model sees: auto asks the terminal, else half-blocks',
    takes: 'auto, kitty, iterm2, sixel, blocks or off',
    schema: z.enum(['auto', 'kitty', 'iterm2', 'sixel', 'blocks', 'off']),
    fallback: 'auto' as const,
  }),
  control: option({
    ...switchOff,
    flag: '--control',
    describe: 'let the keys ask the program: pause, train, predict, retry',
  }),
  repair: option({
    ...switchOff,
    flag: '--repair',
    describe: 'mend what is wrong in the store and remove what is left over',
  }),
  bench: option({
    ...switchOff,
    flag: '--bench',
    describe:
      'time training on every usable backend (--recipe, --size); --backend auto then takes the fastest',
  }),
  once: option({
    ...switchOff,
    flag: '--once',
    describe: 'process what is there, train if there is no current model, predict, exit',
  }),
  strict: option({
    ...switchOff,
    flag: '--strict',
    describe: 'with --once: exit 1 if an item failed',
  }),
} as const;

export type OptionKey = keyof typeof options;

export type Settings = {
  readonly [K in OptionKey]: (typeof options)[K] extends OptionSpec<infer T> ? T : never;
} & {
  /** The program's recipes and those of nerveflow.config.json, by name; `recipe` is one of them. */
  readonly recipes: Readonly<Record<string, Recipe>>;
};

/** The variable that may stand for an option, e.g. `NERVEFLOW_BATCH_SIZE`. */
export function variableOf(key: OptionKey): string {
  return `NERVEFLOW_${options[key].flag.slice(2).replaceAll('-', '_').toUpperCase()}`;
}
