import { type Code, i32, type Local, range, seq, set } from '../../../assembly/code.js';
import type { FunctionBuilder, ModuleBuilder } from '../../../assembly/module.js';

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
type Part = Readonly<Record<'part' | 'parts', Code>>;

/** End of the items of a part: the first of the next one's. */
export function endOfShare(items: Code, part: Code, parts: Code): Code {
  return shareOf(items, i32.add(part, i32.const(1)), parts);
}

/** Runs `body` for each item `i` of the part at hand. */
export function eachOwn(i: Local, items: Code, { part, parts }: Part, body: Code): Code {
  return range(i, shareOf(items, part, parts), endOfShare(items, part, parts), body);
}

/** Sets where a part's items begin and end. */
export function setShare(first: Local, last: Local, items: Code, { part, parts }: Part): Code {
  return seq(set(first, shareOf(items, part, parts)), set(last, endOfShare(items, part, parts)));
}

/** Defines the function of a signature. */
export function define<Name extends string>(
  m: ModuleBuilder,
  signature: Signature<Name>,
  body: (p: Record<Name | Share, Code>, f: FunctionBuilder, l: Record<Name | Share, Local>) => Code,
): void {
  m.function(signature.name, [...signature.parameters, ...shareParameters], body);
}
