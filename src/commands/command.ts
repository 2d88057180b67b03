import { computeOptions } from '../settings/options/compute.js';
import { exportOptions } from '../settings/options/exports.js';
import { folderOptions } from '../settings/options/folders.js';
import { logOptions } from '../settings/options/log.js';
import { readingOptions } from '../settings/options/reading.js';
import { retrainingOptions } from '../settings/options/retraining.js';
import { continuationOptions, trainingOptions } from '../settings/options/training.js';
import type { OptionKey, Settings } from '../settings/options.js';
import type { ExitCode } from './exit-code.js';

/** One command of the program; the command line is made from these. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  /** Shown after the options in `--help`. */
  readonly details?: string | (() => string);
  readonly options: readonly OptionKey[];
  /** Words after the name, e.g. `bench train`. */
  readonly arguments?: readonly CommandArgument[];
  /** What this command takes in place of an option's own default. */
  readonly defaults?: Partial<Settings>;
  load(): Promise<(settings: Settings, words: readonly string[]) => Promise<ExitCode>>;
}

export interface CommandArgument {
  /** As the help shows it: `<what>`, `[id]` where it may be left out, `<format...>` where there may be several. */
  readonly name: string;
  /** What it takes; any word where this is left out. */
  readonly choices?: readonly string[];
}

function keysOf<K extends OptionKey>(group: Readonly<Record<K, unknown>>): readonly K[] {
  return Object.keys(group) as K[];
}

export const folderKeys = keysOf(folderOptions);
export const readingKeys = keysOf(readingOptions);
export const logKeys = keysOf(logOptions);
export const computeKeys = keysOf(computeOptions);
export const trainingKeys = keysOf(trainingOptions);
export const exportKeys = keysOf(exportOptions);
export const continuationKeys = keysOf(continuationOptions);
export const retrainingKeys = keysOf(retrainingOptions);

/** Every command takes these, so that one set of flags serves them all; its help shows those that count there. */
export const sharedKeys: readonly OptionKey[] = [
  ...folderKeys,
  ...readingKeys,
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
];
