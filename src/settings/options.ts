import type { Recipe } from '../model/recipe.js';
import type { OptionSpec } from './option-spec.js';
import { computeOptions } from './options/compute.js';
import { evaluationOptions } from './options/evaluation.js';
import { exportFormOptions, exportOptions } from './options/exports.js';
import { folderOptions, intakeOptions } from './options/folders.js';
import { importOptions } from './options/imports.js';
import { logOptions, lookingOptions } from './options/log.js';
import { predictionOptions } from './options/prediction.js';
import { readingOptions } from './options/reading.js';
import { retrainingOptions } from './options/retraining.js';
import { doctorOptions, runOptions } from './options/run.js';
import { continuationOptions, repetitionOptions, trainingOptions } from './options/training.js';

/** All options there are, by key. */
export const options = {
  ...folderOptions,
  ...computeOptions,
  ...trainingOptions,
  ...continuationOptions,
  ...repetitionOptions,
  ...importOptions,
  ...retrainingOptions,
  ...predictionOptions,
  ...evaluationOptions,
  ...exportOptions,
  ...exportFormOptions,
  ...intakeOptions,
  ...readingOptions,
  ...logOptions,
  ...lookingOptions,
  ...runOptions,
  ...doctorOptions,
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
