import type { Line, Tone } from '../layout/toned-line.js';
import type { ColourDepth, Theme } from './theme.js';

// Mid tones: both are readable on a dark and on a light background, and every common kind of
// colour blindness tells them apart.
const blue: Readonly<Record<ColourDepth, string>> = {
  0: '',
  1: '94',
  2: '38;5;33',
  3: '38;5;33',
};
const orange: Readonly<Record<ColourDepth, string>> = {
  0: '',
  1: '33',
  2: '38;5;166',
  3: '38;5;166',
};

/** A line with its escape codes. NO_COLOR takes the colours; bold and dim stay. */
export function paint(line: Line, theme: Theme): string {
  const { ascii } = theme.glyphs;
  let painted = '';
  let held = '';
  for (const { text, tone, colours } of line) {
    if (colours !== undefined) {
      // Neighbours of the same colours share one code; a picture has thousands of cells.
      const codes = `38;${rgb(colours.ink, theme.colours)};48;${rgb(colours.paper, theme.colours)}`;
      painted += codes === held ? text : `\u001b[${codes}m${text}`;
      held = codes;
      continue;
    }
    if (held !== '') painted += '\u001b[0m';
    held = '';
    const shown = ascii ? toAscii(text) : text;
    const codes = codesOf(tone, theme.colours);
    painted += codes === '' ? shown : `\u001b[${codes}m${shown}\u001b[0m`;
  }
  return held === '' ? painted : `${painted}\u001b[0m`;
}

/** A colour in full, or the nearest of xterm's 6 x 6 x 6 cube and 24 greys. */
function rgb(colour: number, depth: ColourDepth): string {
  const [red, green, blue] = [colour >> 16, (colour >> 8) & 255, colour & 255] as const;
  if (depth >= 3) return `2;${red};${green};${blue}`;
  if (red === green && green === blue) {
    const grey = Math.round((red - 8) / 10);
    return `5;${grey < 0 ? 16 : grey > 23 ? 231 : 232 + grey}`;
  }
  const level = (value: number): number =>
    value < 48 ? 0 : value < 115 ? 1 : Math.floor((value - 35) / 40);
  return `5;${16 + 36 * level(red) + 6 * level(green) + level(blue)}`;
}

/** The few signs that stand in sentences; file names keep their letters. */
function toAscii(text: string): string {
  return text.replaceAll('·', '-').replaceAll('…', '~').replaceAll('—', '-');
}

function codesOf(tone: Tone, depth: ColourDepth): string {
  switch (tone) {
    case 'plain':
      return '';
    case 'dim':
      return '2';
    case 'strong':
      return '1';
    case 'blue':
      return blue[depth];
    case 'orange':
      return orange[depth];
    case 'blue-strong':
      return depth === 0 ? '1' : `1;${blue[depth]}`;
    case 'orange-strong':
      return depth === 0 ? '1' : `1;${orange[depth]}`;
  }
}
