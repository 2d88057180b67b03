import { asciiGlyphs, type Glyphs, unicodeGlyphs } from './glyphs.js';

/** How meanings look in this terminal. */
export interface Theme {
  readonly colours: ColourDepth;
  readonly glyphs: Glyphs;
}

/** 0 none, 1 the terminal's 16, 2 the 256 of xterm, 3 any (only pictures have use for that). */
export type ColourDepth = 0 | 1 | 2 | 3;

export type Env = Readonly<Record<string, string | undefined>>;

export function themeFor(env: Env, options: { readonly ascii?: boolean } = {}): Theme {
  // The Linux console has 512 glyphs, Braille not among them.
  const plain = options.ascii ?? env.TERM === 'linux';
  return { colours: colourDepthOf(env), glyphs: plain ? asciiGlyphs : unicodeGlyphs };
}

/** FORCE_COLOR outranks NO_COLOR, as in Node itself. */
function colourDepthOf(env: Env): ColourDepth {
  const forced = env.FORCE_COLOR;
  if (forced !== undefined) {
    if (forced === '0' || forced === 'false') return 0;
    return forced === '3' ? 3 : forced === '2' ? 2 : 1;
  }
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return 0;
  const term = env.TERM ?? '';
  if (term === 'dumb') return 0;
  if (/truecolor|24bit/i.test(env.COLORTERM ?? '') || /kitty|ghostty|direct/.test(term)) return 3;
  return /256|alacritty/.test(term) ? 2 : 1;
}
