import stringWidth from 'string-width';

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
/**
 * Latin, punctuation, box drawing, shapes that are no emoji, Braille: a cell each, and most of a
 * frame. The package takes hundreds of times as long to find that out.
 */
const oneCellEach =
  /^[\x20-\x7e\xa1-\xac\xae-\u02ff\u2010-\u2027\u2190-\u2193\u2500-\u25a9\u25b2-\u25b5\u25b7-\u25bf\u25c1-\u25fa\u2717\u2800-\u28ff]*$/;

/**
 * How many terminal cells a text takes, by grapheme: CJK and emoji take two, combining marks
 * none. Terminals disagree on the newest emoji; for those the common answer (two) is given.
 */
export function displayWidth(text: string): number {
  return oneCellEach.test(text) ? text.length : stringWidth(text);
}

/** At most `width` cells; what is cut is marked. (cli-truncate cuts wide characters a cell too late.) */
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
    used += displayWidth(segment);
    if (used > width) break;
    taken += segment;
  }
  return taken;
}

function takeEnd(text: string, width: number): string {
  let taken = '';
  let used = 0;
  for (const { segment } of [...graphemes.segment(text)].reverse()) {
    used += displayWidth(segment);
    if (used > width) break;
    taken = segment + taken;
  }
  return taken;
}
