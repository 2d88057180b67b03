import type { PixelSpacing } from '../formats/frames.js';

/** In pixels, or in millimetres where it was scaled. */
export interface Ellipse {
  /** Centre, from the centre of the first pixel: down and to the right. */
  readonly row: number;
  readonly column: number;
  /** Whole axes, not half of them; `major` is the longer one. */
  readonly major: number;
  readonly minor: number;
  /** Of the major axis, in degrees from the horizontal, counter-clockwise as one sees it: 0 <= angle < 180. */
  readonly angle: number;
}

/** An ellipse in pixels as it is in millimetres: another ellipse, where pixels are not square. */
export function inMillimetres(ellipse: Ellipse, { rowMm, columnMm }: PixelSpacing): Ellipse {
  const { xx, xy, yy } = shapeOf(ellipse);
  return ellipseOf({
    x: ellipse.column * columnMm,
    y: ellipse.row * rowMm,
    xx: xx * columnMm ** 2,
    xy: xy * columnMm * rowMm,
    yy: yy * rowMm ** 2,
  });
}

/** Ramanujan's second approximation (1914): off by less than 0.02 % up to axes of 10 to 1. */
export function ellipsePerimeter({ major, minor }: Pick<Ellipse, 'major' | 'minor'>): number {
  const h = ((major - minor) / (major + minor)) ** 2;
  return (Math.PI / 2) * (major + minor) * (1 + (3 * h) / (10 + Math.sqrt(4 - 3 * h)));
}

/**
 * From the symmetric matrix [xx xy; xy yy] whose eigenvectors are the axes and whose eigenvalues are
 * the squares of half of them; x to the right, y down.
 */
export function ellipseOf(shape: {
  readonly x: number;
  readonly y: number;
  readonly xx: number;
  readonly xy: number;
  readonly yy: number;
}): Ellipse {
  const { x, y, xx, xy, yy } = shape;
  const middle = (xx + yy) / 2;
  const spread = Math.hypot((xx - yy) / 2, xy);
  // Rows go down: seen, a positive angle goes up.
  const degrees = (-Math.atan2(2 * xy, xx - yy) / 2) * (180 / Math.PI);
  const angle = degrees < 0 ? degrees + 180 : degrees;
  return {
    row: y,
    column: x,
    major: 2 * Math.sqrt(middle + spread),
    minor: 2 * Math.sqrt(Math.max(0, middle - spread)),
    // Of a tiny negative angle and 180 the sum is 180.
    angle: angle >= 180 ? 0 : angle + 0,
  };
}

function shapeOf({ major, minor, angle }: Ellipse): { xx: number; xy: number; yy: number } {
  const radians = (-angle * Math.PI) / 180;
  const [cos, sin] = [Math.cos(radians), Math.sin(radians)];
  const [a, b] = [(major / 2) ** 2, (minor / 2) ** 2];
  return {
    xx: a * cos ** 2 + b * sin ** 2,
    xy: (a - b) * cos * sin,
    yy: a * sin ** 2 + b * cos ** 2,
  };
}
