import { type Code, i32 } from './code.js';

/**
 * Last parameters of every function that threads share: it does part `part` of `parts` of its
 * items. `thread` tells whose scratch memory to use.
 */
export const shareParameters = ['part', 'parts', 'thread'] as const;

/** First of the items of a part: items * part / parts. */
export function shareOf(items: Code, part: Code, parts: Code): Code {
  return i32.div(i32.mul(items, part), parts);
}
