import type { OptionKey, Settings } from '../settings/options.js';
import type { ExitCode } from './exit-code.js';

/** One command of the program; the command line is made from these. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  /** Shown after the options in `--help`. */
  readonly details?: string | (() => string);
  readonly options: readonly OptionKey[];
  /** A word after the name, e.g. `bench train`. */
  readonly argument?: { readonly name: string; readonly choices: readonly string[] };
  /** What this command takes in place of an option's own default. */
  readonly defaults?: Partial<Settings>;
  run(settings: Settings, argument: string): Promise<ExitCode>;
}

export const folderOptions = ['raw', 'store'] as const satisfies readonly OptionKey[];
export const logOptions = [
  'json',
  'plain',
  'ascii',
  'pictures',
] as const satisfies readonly OptionKey[];
export const computeOptions = [
  'backend',
  'threads',
  'precision',
  'size',
  'batchSize',
] as const satisfies readonly OptionKey[];
export const trainOptions = [
  'recipe',
  'epochs',
  'learningRate',
  'cleaning',
  'seed',
  'folds',
] as const satisfies readonly OptionKey[];
export const retrainOptions = [
  'retrain',
  'retrainPairs',
  'retrainPercent',
  'retrainQuiet',
] as const satisfies readonly OptionKey[];
/** Every command takes these, so that one set of flags serves them all; its help shows those that count there. */
export const sharedOptions = [
  ...folderOptions,
  'backend',
  'size',
  'batchSize',
  'epochs',
  'learningRate',
  'recipe',
  'seed',
  'retrain',
  'poll',
  'json',
  'plain',
  'threads',
] as const satisfies readonly OptionKey[];
/** How a training follows a model that is there. */
export const successionOptions = ['retrainEpochs', 'fresh'] as const satisfies readonly OptionKey[];
