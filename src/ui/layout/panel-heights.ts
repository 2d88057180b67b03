import type { PanelId } from './panel-ids.js';
import type { Rect } from './rect.js';

/** Lines a panel needs to say anything, to say its say, and the most it can use. */
export interface Heights {
  readonly least: number;
  readonly good: number;
  readonly most: number;
}

/** From this height on, a column has room for curves. */
export const tall = 30;

/** Of a picture's height, for its usual shape: pixels are square, two to a cell. */
const pictureRows = (width: number): number => Math.ceil(width * 0.4) + 3;

export function heightsOf(id: PanelId, { width, height }: Pick<Rect, 'width' | 'height'>): Heights {
  const isTall = height >= tall;
  switch (id) {
    case 'pipeline':
      return { least: 3, good: 7, most: 7 };
    case 'training':
      // Where there is room for it, three curves stand beside and below the figures.
      return { least: 4, good: isTall && width >= 72 ? 19 : 7, most: width >= 72 ? 26 : 16 };
    case 'picture':
      return { least: 8, good: Math.min(pictureRows(width), 17), most: pictureRows(width) };
    case 'predictions':
    case 'system':
      // With a line for the model that was chosen, or for a GPU.
      return { least: 1, good: 1, most: 6 };
    case 'failures':
      return { least: 2, good: 3, most: Number.POSITIVE_INFINITY };
    case 'log':
      return { least: 2, good: 4, most: Number.POSITIVE_INFINITY };
  }
}
