/** Something that can be expected to go wrong with one item; never thrown. */
export interface Failure<Code extends string = string> {
  /** Stable, for programs, e.g. `TOO_MANY_PIXELS`. */
  readonly code: Code;
  /** One line for people. */
  readonly message: string;
}

/** What an operator hands back when its input may be at fault: a value, or why there is none. */
export type Result<T, Code extends string = string> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: Failure<Code> };

export function ok<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

export function fail<Code extends string>(
  code: Code,
  message: string,
): { readonly ok: false; readonly failure: Failure<Code> } {
  return { ok: false, failure: { code, message } };
}
