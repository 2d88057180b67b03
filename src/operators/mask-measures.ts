import type { PixelSpacing } from '../formats/frames.js';
import { type Box, boundingBox } from './bounding-box.js';
import { componentsOf } from './connected-components.js';
import { type Ellipse, ellipsePerimeter, inMillimetres } from './ellipse.js';
import { fitEllipse } from './fit-ellipse.js';
import type { GridSize } from './image.js';

/**
 * What a mask's shape is measured from, in pixels and whole numbers of them: whatever the spacing
 * turns out to be, sizes in millimetres follow from it without the mask.
 */
export interface MaskGeometry {
  /** Foreground pixels. */
  readonly area: number;
  /** Parts that touch nowhere, corners included. */
  readonly pieces: number;
  /** How often a line enters the mask, by its direction, over all lines of the grid. */
  readonly entries: { readonly across: number; readonly down: number; readonly diagonal: number };
  /** Mean row and column of the foreground. */
  readonly centroid: { readonly row: number; readonly column: number };
  readonly box: Box;
  /** Of its largest part; null where none fits. */
  readonly ellipse: Ellipse | null;
}

/** Of a mask (0 or 1, row-major); null of an empty one. */
export function geometryOf(mask: Uint8Array, size: GridSize): MaskGeometry | null {
  const box = boundingBox([mask], size);
  if (box === null) return null;
  const pieces = componentsOf(mask, size, 1, 8).areas.length;
  return { ...sumsOf(mask, size, box), pieces, box, ellipse: fitEllipse(mask, size) };
}

function sumsOf(
  mask: Uint8Array,
  { width }: GridSize,
  box: Box,
): Pick<MaskGeometry, 'area' | 'entries' | 'centroid'> {
  let [area, rows, columns] = [0, 0, 0];
  let [across, down, diagonal] = [0, 0, 0];
  const last = width - 1;
  for (let row = box.top; row < box.top + box.height; row++) {
    for (let column = box.left; column < box.left + box.width; column++) {
      const at = row * width + column;
      if (mask[at] === 0) continue;
      area++;
      rows += row;
      columns += column;
      // Beyond the image is background.
      if (column === 0 || mask[at - 1] === 0) across++;
      if (row === 0 || mask[at - width] === 0) down++;
      if (row === 0 || column === 0 || mask[at - width - 1] === 0) diagonal++;
      if (row === 0 || column === last || mask[at - width + 1] === 0) diagonal++;
    }
  }
  const centroid = { row: rows / area, column: columns / area };
  return { area, entries: { across, down, diagonal }, centroid };
}

/** Sizes in one unit: pixels, or millimetres where the spacing is known. */
export interface MaskSizes {
  readonly area: number;
  readonly perimeter: number;
  /** 4 pi area / perimeter²: 1 of a disc, less of whatever is longer or rougher. */
  readonly circularity: number;
  readonly ellipse: (Ellipse & { readonly perimeter: number }) | null;
}

const squarePixels: PixelSpacing = { rowMm: 1, columnMm: 1 };

/** In pixels without a spacing. */
export function sizesOf(
  { area, entries, ellipse }: MaskGeometry,
  spacing: PixelSpacing = squarePixels,
): MaskSizes {
  const scaledArea = area * spacing.rowMm * spacing.columnMm;
  const perimeter = perimeterOf(entries, spacing);
  const fitted = ellipse && inMillimetres(ellipse, spacing);
  return {
    area: scaledArea,
    perimeter,
    circularity: (4 * Math.PI * scaledArea) / perimeter ** 2,
    ellipse: fitted && { ...fitted, perimeter: ellipsePerimeter(fitted) },
  };
}

/**
 * Of all outlines, holes' too, by Crofton's formula over the grid's four directions: how often lines
 * of a direction cross the outline, times the distance between them, each direction weighted by the
 * angles that are nearest to it (Legland, Kieu and Devaux, Image Analysis & Stereology 26(2), 2007;
 * scikit-image's `perimeter_crofton`). A disc's is unbiased; a straight edge along the grid comes out
 * 5 % short, one at 22.5 degrees 3 % long.
 */
function perimeterOf(
  { across, down, diagonal }: MaskGeometry['entries'],
  { rowMm, columnMm }: PixelSpacing,
): number {
  const slope = Math.atan2(rowMm, columnMm);
  const betweenDiagonals = (rowMm * columnMm) / Math.hypot(rowMm, columnMm);
  // Who enters leaves: two crossings an entry, and half a crossing counts.
  return (
    slope * across * rowMm +
    (Math.PI / 2 - slope) * down * columnMm +
    (Math.PI / 4) * diagonal * betweenDiagonals
  );
}
