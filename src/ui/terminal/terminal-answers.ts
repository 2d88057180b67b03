/** What a terminal says of itself when it is asked. */
export type TerminalAnswer =
  | { readonly type: 'kitty'; readonly works: boolean }
  | { readonly type: 'name'; readonly name: string }
  | { readonly type: 'cell'; readonly width: number; readonly height: number }
  /** Every terminal answers this one, so it is asked last and ends the waiting. */
  | { readonly type: 'attributes'; readonly sixel: boolean };

const esc = '\u001b';
const end = `${esc}\\`;
const queryId = 31;

/** Pixels of a cell (XTWINOPS 16). */
export const askCell = `${esc}[16t`;
/** Whether it takes a picture by Kitty's protocol, its name (XTVERSION), its cell, its attributes (DA1). */
export const askAll = `${esc}_Gi=${queryId},s=1,v=1,a=q,t=d,f=24;AAAA${end}${esc}[>0q${askCell}${esc}[c`;

const body = `[^${esc}]`;
const whole = new RegExp(
  `${esc}(?:_G(${body}*)${esc}\\\\|P>\\|(${body}*)${esc}\\\\|\\[6;(\\d+);(\\d+)t|\\[\\?([\\d;]*)c)`,
  'g',
);
const begun = new RegExp(
  `${esc}(?:_${body}{0,80}${esc}?|P${body}{0,80}${esc}?|\\[(?:\\?[\\d;]*|6[\\d;]*)?)$`,
);
const escapeAlone = new RegExp(`${esc}$`);

export interface Input {
  readonly keys: string;
  readonly answers: readonly TerminalAnswer[];
  /** What may be the beginning of an answer; goes before the next input, or is keys after all. */
  readonly rest: string;
}

/**
 * Answers come in between the keys, in pieces or late. `awaited`: one is due, so that even an
 * escape at the end may be its beginning. Pure.
 */
export function separateInput(text: string, awaited: boolean): Input {
  const answers: TerminalAnswer[] = [];
  const others = text.replace(whole, (...match: (string | undefined)[]) => {
    answers.push(answerOf(match));
    return '';
  });
  const partial = begun.exec(others) ?? (awaited ? escapeAlone.exec(others) : null);
  const at = partial?.index ?? others.length;
  return { keys: others.slice(0, at), answers, rest: others.slice(at) };
}

function answerOf([, kitty, name, height, width, attributes]: (
  | string
  | undefined
)[]): TerminalAnswer {
  if (kitty !== undefined) return { type: 'kitty', works: kitty === `i=${queryId};OK` };
  if (name !== undefined) return { type: 'name', name };
  if (height !== undefined) return { type: 'cell', width: Number(width), height: Number(height) };
  return { type: 'attributes', sixel: (attributes ?? '').split(';').slice(1).includes('4') };
}
