import { askAll, askCell, type TerminalAnswer } from '../terminal/terminal-answers.js';
import type { Env, Theme } from '../terminal/theme.js';

export type ImageProtocol = 'kitty' | 'iterm2' | 'sixel';

/** What `--pictures` takes; `off` hides the panel until its key is struck. */
export type PictureWish = 'auto' | ImageProtocol | 'blocks' | 'off';

/** How pictures are drawn: as images, or as half-blocks (or signs, where colours are few). */
export type PictureMode =
  | { readonly kind: 'blocks' }
  | { readonly kind: 'images'; readonly protocol: ImageProtocol; readonly cell: CellPixels };

export interface CellPixels {
  readonly width: number;
  readonly height: number;
}

/** What was learnt of the terminal so far. */
export interface Asked {
  readonly kitty: boolean;
  readonly name: string;
  readonly cell: CellPixels | null;
  readonly sixel: boolean;
  /** It has answered all that it will. */
  readonly isDone: boolean;
}

export const nothingAsked: Asked = {
  kitty: false,
  name: '',
  cell: null,
  sixel: false,
  isDone: false,
};

export function learn(asked: Asked, answer: TerminalAnswer): Asked {
  switch (answer.type) {
    case 'kitty':
      return { ...asked, kitty: answer.works };
    case 'name':
      return { ...asked, name: answer.name };
    case 'cell': {
      const { width, height } = answer;
      return { ...asked, cell: width > 0 && height > 0 ? { width, height } : null };
    }
    case 'attributes':
      return { ...asked, sixel: answer.sixel, isDone: true };
  }
}

/** A usual one; its shape is what matters where the terminal scales. */
const usualCell: CellPixels = { width: 10, height: 20 };

/** Of their own image sequence these are surer than of Kitty's, which they answer for too. */
const iterm2Names = /^(iTerm2|WezTerm)\b/;

/**
 * The mode that a wish and the terminal's own word come to. Variables say little: a terminal in a
 * terminal inherits them. Half-blocks until all is answered, and for ever where nothing is.
 */
export function pictureModeOf(wish: PictureWish, asked: Asked): PictureMode {
  const images = (protocol: ImageProtocol): PictureMode => ({
    kind: 'images',
    protocol,
    cell: asked.cell ?? usualCell,
  });
  switch (wish) {
    case 'off':
    case 'blocks':
      return { kind: 'blocks' };
    case 'kitty':
    case 'iterm2':
    case 'sixel':
      return images(wish);
    case 'auto':
      if (!asked.isDone) return { kind: 'blocks' };
      if (iterm2Names.test(asked.name)) return images('iterm2');
      if (asked.kitty) return images('kitty');
      // It is drawn pixel by pixel: without the cell's size it might cover what stands below.
      return asked.sixel && asked.cell !== null ? images('sixel') : { kind: 'blocks' };
  }
}

/** What to ask the terminal at the start; empty where it must not be asked. */
export function questionFor(wish: PictureWish, env: Env, theme: Theme): string {
  switch (wish) {
    case 'off':
    case 'blocks':
      return '';
    case 'kitty':
    case 'iterm2':
    case 'sixel':
      return askCell;
    case 'auto':
      // tmux and screen take the question for a title and would lose track of the picture; who
      // wants no colours or only ASCII wants no image.
      return isMultiplexed(env) || env.TERM === 'linux' || theme.colours < 2 || theme.glyphs.ascii
        ? ''
        : askAll;
  }
}

function isMultiplexed({ TMUX, STY, ZELLIJ, TERM }: Env): boolean {
  return (
    [TMUX, STY, ZELLIJ].some((set) => set !== undefined && set !== '') ||
    /^(screen|tmux)/.test(TERM ?? '')
  );
}
