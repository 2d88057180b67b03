import type { Picture } from '../../events.js';
import { displayWidth, truncateEnd } from './text-width.js';

/**
 * What a panel draws: lines of toned spans, plain data. Which escape code a tone is, or whether
 * it is one at all, is the theme's business.
 */
export type Line = readonly Span[];

export interface Span {
  readonly text: string;
  readonly tone: Tone;
  /** Of pictures only, 0xRRGGBB; what has a meaning has a tone. */
  readonly colours?: { readonly ink: number; readonly paper: number };
  /** From here on, over as many cells as the text has and so many rows, lies an image. */
  readonly image?: ImageSpan;
}

export interface ImageSpan {
  readonly picture: Picture;
  readonly outlines: Outlines;
  readonly rows: number;
}

/** What is drawn over the grey image. */
export interface Outlines {
  readonly model: boolean;
  readonly truth: boolean;
}

/** A meaning, not a colour: blue is calm progress, orange wants to be seen. */
export type Tone = 'plain' | 'dim' | 'strong' | 'blue' | 'orange' | 'blue-strong' | 'orange-strong';

export function span(text: string, tone: Tone = 'plain'): Span {
  return { text, tone };
}

export const dim = (text: string): Span => span(text, 'dim');
export const strong = (text: string): Span => span(text, 'strong');

/** Whether it is part of a picture. */
export function isPictured(line: Line): boolean {
  return line.some(({ colours, image }) => colours !== undefined || image !== undefined);
}

export function lineWidth(line: Line): number {
  return line.reduce((width, { text }) => width + displayWidth(text), 0);
}

/** Exactly `width` cells: cut with a mark, or filled with blanks. */
export function fitLine(line: Line, width: number): Line {
  const cut = cutLine(line, width);
  const left = width - lineWidth(cut);
  return left > 0 ? [...cut, span(' '.repeat(left))] : cut;
}

/** At most `width` cells; what is cut is marked. */
export function cutLine(line: Line, width: number): Line {
  let left = width - lineWidth(line);
  if (left >= 0) return line;
  const kept: Span[] = [];
  left = width;
  for (const cell of line) {
    const { text, tone } = cell;
    const wide = displayWidth(text);
    // One cell stays for the mark: it is known by now that not everything fits.
    if (wide < left) {
      kept.push(cell);
      left -= wide;
      continue;
    }
    const cut = truncateEnd(`${text} `, left);
    if (cut !== '') kept.push({ text: cut, tone });
    break;
  }
  return kept;
}

/** Without blanks at its end: nothing is under them. */
export function trimLine(line: Line): Line {
  let end = line.length;
  while (end > 0 && line[end - 1]?.text.trimEnd() === '') end--;
  return line.slice(0, end);
}

/** `left` at the left edge, `right` at the right one; where both do not fit, left is cut. */
export function spreadLine(left: Line, right: Line, width: number): Line {
  const rightWidth = lineWidth(right);
  if (rightWidth === 0 || rightWidth + 8 > width) return fitLine(left, width);
  return [...fitLine(left, width - rightWidth - 2), span('  '), ...right];
}

/** Blocks side by side, each `width` cells, with `gap` blanks between. */
export function besideLines(
  blocks: readonly { readonly lines: readonly Line[]; readonly width: number }[],
  gap: number,
  height: number,
): Line[] {
  return Array.from({ length: height }, (_, row) =>
    blocks.flatMap(({ lines, width }, index) => [
      ...(index > 0 ? [span(' '.repeat(gap))] : []),
      ...fitLine(lines[row] ?? [], width),
    ]),
  );
}
