import type { PixelSpacing } from '../../formats/frames.js';
import { ellipsePerimeter, inMillimetres } from '../../operators/ellipse.js';
import { fitEllipse } from '../../operators/fit-ellipse.js';
import type { GridSize } from '../../operators/image.js';

/** Of one mask, in mm² and mm. */
export interface MaskSize {
  readonly area: number;
  /** Of the ellipse fitted to it; null where none fits. */
  readonly circumference: number | null;
}

/** @param mask 0 or 1, row-major */
export function maskSize(mask: Uint8Array, size: GridSize, spacing: PixelSpacing): MaskSize {
  const pixels = mask.reduce((sum, pixel) => sum + pixel, 0);
  const ellipse = fitEllipse(mask, size);
  return {
    area: pixels * spacing.rowMm * spacing.columnMm,
    circumference: ellipse && ellipsePerimeter(inMillimetres(ellipse, spacing)),
  };
}
