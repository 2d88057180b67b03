import { type Box, boundingBox, maskWithin } from './bounding-box.js';
import { componentsOf } from './connected-components.js';
import { type Ellipse, ellipseOf } from './ellipse.js';
import type { GridSize } from './image.js';
import {
  apply,
  eigenvaluesOf,
  eigenvectorOf,
  inverseOf,
  type Matrix,
  matrixOf,
  product,
  scaled,
  scaledRow,
  sum,
  transposed,
  type Vector,
} from './matrix3.js';
import { cleanMask } from './post-processing.js';

/** An ellipse has 5 unknowns; from one point more on, the fit says something. */
const leastPoints = 6;
/** Points are brought to about 1 before the fit: below this a number is 0. */
const tiny = 1e-12;

/**
 * The ellipse of a mask (0 or 1, row-major), in pixels: fitted to the outer outline of its largest
 * part. The outline is the middle of each pixel edge between foreground and background, which on the
 * mean lies where a drawn shape's border crosses the grid, so that a drawn ellipse comes back unbiased.
 * Where the mask ends at the image's edge its outline is not known, and nothing is fitted to it.
 *
 * Null where there are fewer than 6 such points, or no ellipse fits. In millimetres: `inMillimetres`,
 * which gives the same as a fit in millimetres, as this fit keeps to whatever scales its axes.
 */
export function fitEllipse(mask: Uint8Array, size: GridSize): Ellipse | null {
  const box = boundingBox([mask], size);
  return box && fitEllipseWithin(maskWithin(mask, box, size), box, size);
}

/**
 * The same of the part of a mask that its bounding box covers.
 *
 * @param part is filled and cleaned
 * @param size of the whole mask
 */
export function fitEllipseWithin(part: Uint8Array, box: Box, size: GridSize): Ellipse | null {
  cleanMask(part, box, { fillHoles: true, largestComponents: 1, leastArea: 0 });
  return fitEllipseTo(outlineOf(part, box, size));
}

/**
 * Direct least-squares fit of an ellipse: Fitzgibbon, Pilu and Fisher (IEEE PAMI 21(5), 1999), in
 * the numerically stable form of Halir and Flusser (WSCG 1998).
 *
 * @param points x (column) and y (row) by turns, on the outline or near it
 */
export function fitEllipseTo(points: readonly number[]): Ellipse | null {
  const count = points.length / 2;
  if (count < leastPoints) return null;
  const { x, y, scale } = frameOf(points);
  if (!(scale > tiny)) return null;
  const { quadratic, mixed, linear } = scatterOf(points, { x, y, scale });
  const inverse = inverseOf(linear);
  if (inverse === null) return null;
  // The linear part of the best conic follows from its quadratic one.
  const toLinear = scaled(product(inverse, transposed(mixed)), -1);
  const reduced = sum(quadratic, product(mixed, toLinear));
  // Times the inverse of the constraint's matrix: 4ac - b^2 = 1.
  const system: Matrix = [
    scaledRow(reduced[2], 1 / 2),
    scaledRow(reduced[1], -1),
    scaledRow(reduced[0], 1 / 2),
  ];
  for (const eigenvalue of eigenvaluesOf(system)) {
    const shape = eigenvectorOf(system, eigenvalue);
    if (shape === null || 4 * shape[0] * shape[2] - shape[1] ** 2 <= tiny) continue;
    const ellipse = fromConic(shape, apply(toLinear, shape), { x, y, scale });
    if (ellipse !== null) return ellipse;
  }
  return null;
}

/** Middles of the edges between foreground and background, x and y by turns, of the part that a box covers. */
function outlineOf(part: Uint8Array, box: Box, image: GridSize): number[] {
  const { top, left, height, width } = box;
  const points: number[] = [];
  const { starts, ends } = componentsOf(part, box, 1, 8);
  for (let run = 0; run < starts.length; run++) {
    const [start, end] = [starts[run]!, ends[run]!];
    const y = Math.floor(start / width);
    const row = top + y;
    const first = left + start - y * width;
    const last = first + end - start - 1;
    if (first > 0) points.push(first - 0.5, row);
    if (last < image.width - 1) points.push(last + 0.5, row);
    for (const down of [-1, 1]) {
      if (row + down < 0 || row + down >= image.height) continue;
      const shift = down * width;
      const isBeyond = y + down < 0 || y + down >= height;
      // Pixels of the next line that are background, found without looking at each.
      const next = (at: number) => (isBeyond ? at : part.indexOf(0, at));
      for (let at = next(start + shift); at !== -1 && at < end + shift; at = next(at + 1)) {
        points.push(first + at - shift - start, row + down / 2);
      }
    }
  }
  return points;
}

/** Where the points lie, and how far from their middle on the mean. */
interface Frame {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

function frameOf(points: readonly number[]): Frame {
  const count = points.length / 2;
  let x = 0;
  let y = 0;
  for (let at = 0; at < points.length; at += 2) {
    x += points[at]! / count;
    y += points[at + 1]! / count;
  }
  let square = 0;
  for (let at = 0; at < points.length; at += 2) {
    square += ((points[at]! - x) ** 2 + (points[at + 1]! - y) ** 2) / count;
  }
  return { x, y, scale: Math.sqrt(square) };
}

/** Sums of products of (x², xy, y²) and (x, y, 1), per point. */
function scatterOf(points: readonly number[], frame: Frame) {
  const sums = new Float64Array(36);
  const terms = Float64Array.of(0, 0, 0, 0, 0, 1);
  for (let at = 0; at < points.length; at += 2) {
    const x = (points[at]! - frame.x) / frame.scale;
    const y = (points[at + 1]! - frame.y) / frame.scale;
    terms[0] = x * x;
    terms[1] = x * y;
    terms[2] = y * y;
    terms[3] = x;
    terms[4] = y;
    for (let row = 0; row < 6; row++) {
      const term = (2 * terms[row]!) / points.length;
      for (let column = 0; column < 6; column++) sums[row * 6 + column]! += term * terms[column]!;
    }
  }
  const block = (at: number): Matrix => matrixOf((i, j) => sums[at + i * 6 + j]!);
  return { quadratic: block(0), mixed: block(3), linear: block(21) };
}

/** The ellipse where ax² + bxy + cy² + dx + ey + f = 0; null where no point is. */
function fromConic([a, b, c]: Vector, [d, e, f]: Vector, frame: Frame): Ellipse | null {
  const discriminant = 4 * a * c - b * b;
  const x = (b * e - 2 * c * d) / discriminant;
  const y = (b * d - 2 * a * e) / discriminant;
  // At the centre the conic is -k; there, [a b/2; b/2 c] / k is the inverse of what the axes span.
  const k = -(f + (d * x + e * y) / 2);
  const inverse = { xx: a / k, xy: b / 2 / k, yy: c / k };
  const determinant = inverse.xx * inverse.yy - inverse.xy ** 2;
  const area = frame.scale ** 2 / determinant;
  const isEllipse = inverse.xx > 0 && determinant > 0 && Number.isFinite(area);
  if (!isEllipse) return null;
  return ellipseOf({
    x: frame.x + x * frame.scale,
    y: frame.y + y * frame.scale,
    xx: inverse.yy * area,
    xy: -inverse.xy * area,
    yy: inverse.xx * area,
  });
}
