import { z } from 'zod';
import { onOff, wholeNumber } from './option-values.js';

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

/** Both ends of the range are in it. */
export const wholeNumberOption = <F extends number | null>(
  flag: string,
  [min, max]: readonly [number, number],
  describe: string,
  fallback: F,
): OptionSpec<F extends null ? number | null : number> =>
  option<number | null>({
    flag,
    argument: '<n>',
    describe,
    takes: `a whole number from ${min} to ${max}`,
    schema: wholeNumber(min, max),
    fallback,
  }) as OptionSpec<F extends null ? number | null : number>;

/** One of a few words. */
export const choiceOption = <const V extends string>(
  flag: string,
  argument: string,
  values: readonly V[],
  describe: string,
  fallback: NoInfer<V>,
): OptionSpec<V> =>
  option({
    flag,
    argument,
    describe,
    takes: `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`,
    schema: z.enum(values),
    fallback,
  });
