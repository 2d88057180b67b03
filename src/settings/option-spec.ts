import type { z } from 'zod';
import { onOff } from './option-values.js';

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

export const option = <T>(spec: OptionSpec<T>): OptionSpec<T> => spec;

/** Off unless it is given. */
export const switchOption = (flag: string, describe: string): OptionSpec<boolean> =>
  option({ flag, describe, takes: 'true or false', schema: onOff, fallback: false });
