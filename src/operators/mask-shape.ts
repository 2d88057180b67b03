import { componentsOf } from './connected-components.js';
import type { GridSize } from './image.js';

export interface MaskShape {
  /** Foreground as a share of the image, 0..1. */
  readonly area: number;
  /** Parts that touch nowhere, corners included. */
  readonly pieces: number;
  /** Whether a foreground pixel lies on the image's edge: the nerve may go on outside. */
  readonly touchesBorder: boolean;
}

/** @param mask 0 or 1, row-major */
export function maskShapeOf(mask: Uint8Array, size: GridSize): MaskShape {
  const { height, width } = size;
  const { areas } = componentsOf(mask, size, 1, 8);
  const pixels = areas.reduce((sum, area) => sum + area, 0);
  return {
    area: pixels / (height * width),
    pieces: areas.length,
    touchesBorder: touchesBorder(mask, size),
  };
}

function touchesBorder(mask: Uint8Array, { height, width }: GridSize): boolean {
  const bottom = (height - 1) * width;
  for (let column = 0; column < width; column++) {
    if (mask[column] === 1 || mask[bottom + column] === 1) return true;
  }
  for (let row = 0; row < height; row++) {
    if (mask[row * width] === 1 || mask[row * width + width - 1] === 1) return true;
  }
  return false;
}
