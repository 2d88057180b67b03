import { type Code, i32, type Local } from './code.js';
import type { FunctionBuilder, ModuleBuilder } from './module.js';

/** Name and parameters, in order, of a function that threads share; `shareParameters` follow. */
export interface Signature<Name extends string> {
  readonly name: string;
  readonly parameters: readonly Name[];
}

/**
 * Last parameters of every function that threads share: it does part `part` of `parts` of its
 * items. `thread` tells whose scratch memory to use.
 */
export const shareParameters = ['part', 'parts', 'thread'] as const;

/** First of the items of a part: items * part / parts. */
export function shareOf(items: Code, part: Code, parts: Code): Code {
  return i32.div(i32.mul(items, part), parts);
}

type Share = (typeof shareParameters)[number];

/** Defines the function of a signature. */
export function define<Name extends string>(
  m: ModuleBuilder,
  signature: Signature<Name>,
  body: (p: Record<Name | Share, Code>, f: FunctionBuilder, l: Record<Name | Share, Local>) => Code,
): void {
  m.function(signature.name, [...signature.parameters, ...shareParameters], body);
}
