import type { Picture } from '../../events.js';
import type { CellPixels } from './picture-protocol.js';

export interface CellSize {
  readonly columns: number;
  readonly rows: number;
}

/** Two square pixels, one over the other. */
export const halfBlocks: CellPixels = { width: 1, height: 2 };

/** The largest it can be in this room, its pixels square. */
export function fitPicture(
  picture: Pick<Picture, 'height' | 'width'>,
  room: CellSize,
  cell: CellPixels = halfBlocks,
): CellSize {
  const scale = Math.min(
    (room.columns * cell.width) / picture.width,
    (room.rows * cell.height) / picture.height,
  );
  return {
    columns: Math.max(1, Math.floor((picture.width * scale) / cell.width + 1e-9)),
    rows: Math.max(1, Math.floor((picture.height * scale) / cell.height + 1e-9)),
  };
}
