/**
 * How many terminal cells a text takes, by grapheme: CJK and emoji take two, combining marks
 * none. Terminals disagree on the newest emoji; for those the common answer (two) is given.
 */

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
/** Latin, punctuation, box drawing, shapes that are no emoji, Braille: a cell each, and most of a frame. */
const oneCellEach =
  /^[\x20-\x7e\xa1-\xac\xae-\u02ff\u2010-\u2027\u2190-\u2193\u2500-\u25a9\u25b2-\u25b5\u25b7-\u25bf\u25c1-\u25fa\u2717\u2800-\u28ff]*$/;
const zeroWidth = /^[\p{Mark}\p{Default_Ignorable_Code_Point}\p{Cc}]+$/u;
// The flag v is newer than the compiler's target, not than Node 20: it must not be a literal.
const unicodeSets = 'v';
const emoji = new RegExp('^\\p{RGI_Emoji}$', unicodeSets);

/** First and last code point of the blocks that East Asian Width calls wide or fullwidth. */
const wideBlocks: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0xa4cf],
  [0xa960, 0xa97c],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6f],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18cff],
  [0x1aff0, 0x1b2ff],
  [0x20000, 0x3fffd],
];

export function displayWidth(text: string): number {
  if (oneCellEach.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += graphemeWidth(segment);
  return width;
}

/** At most `width` cells; what is cut is marked. */
export function truncateEnd(text: string, width: number, mark = '…'): string {
  if (displayWidth(text) <= width) return text;
  return width <= 0 ? '' : takeStart(text, width - displayWidth(mark)) + mark;
}

/** Keeps both ends: of a path, the folder and the file's name tell most. */
export function truncateMiddle(text: string, width: number, mark = '…'): string {
  if (displayWidth(text) <= width) return text;
  if (width <= 0) return '';
  const room = width - displayWidth(mark);
  const end = takeEnd(text, Math.ceil(room / 2));
  return takeStart(text, room - displayWidth(end)) + mark + end;
}

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}

export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - displayWidth(text))) + text;
}

function takeStart(text: string, width: number): string {
  let taken = '';
  let used = 0;
  for (const { segment } of graphemes.segment(text)) {
    used += graphemeWidth(segment);
    if (used > width) break;
    taken += segment;
  }
  return taken;
}

function takeEnd(text: string, width: number): string {
  let taken = '';
  let used = 0;
  for (const { segment } of [...graphemes.segment(text)].reverse()) {
    used += graphemeWidth(segment);
    if (used > width) break;
    taken = segment + taken;
  }
  return taken;
}

function graphemeWidth(grapheme: string): number {
  const code = grapheme.codePointAt(0) ?? 0;
  if (code >= 0x20 && code < 0x7f && grapheme.length === 1) return 1;
  if (zeroWidth.test(grapheme)) return 0;
  if (emoji.test(grapheme)) return 2;
  return wideBlocks.some(([first, last]) => code >= first && code <= last) ? 2 : 1;
}
