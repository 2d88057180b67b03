import fc from 'fast-check';
import type { PixelSpacing } from '../../src/formats/frames.js';
import type { Ellipse } from '../../src/operators/ellipse.js';
import type { GridSize } from '../../src/operators/image.js';

/** Pixels whose centre lies in an ellipse, whose sizes are in pixels or, with a spacing, in millimetres. */
export function drawnEllipse(
  { row, column, major, minor, angle }: Ellipse,
  { height, width }: GridSize,
  { rowMm, columnMm }: PixelSpacing = { rowMm: 1, columnMm: 1 },
): Uint8Array {
  const mask = new Uint8Array(height * width);
  const radians = (angle * Math.PI) / 180;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const right = x * columnMm - column;
      const up = row - y * rowMm;
      const along = right * Math.cos(radians) + up * Math.sin(radians);
      const across = up * Math.cos(radians) - right * Math.sin(radians);
      if ((2 * along) ** 2 / major ** 2 + (2 * across) ** 2 / minor ** 2 <= 1) {
        mask[y * width + x] = 1;
      }
    }
  }
  return mask;
}

/** Numbers that lie as densely everywhere, unlike those of `fc.double`. */
export function between(min: number, max: number): fc.Arbitrary<number> {
  return fc.noBias(fc.integer({ min: min * 1000, max: max * 1000 })).map((value) => value / 1000);
}

/** Well inside of 130 x 130 pixels. */
export const someEllipse: fc.Arbitrary<Ellipse> = fc
  .record({
    row: between(60, 68),
    column: between(60, 68),
    major: between(50, 110),
    ratio: between(0.4, 0.98),
    angle: between(0, 179.9),
  })
  .map(({ ratio, ...ellipse }) => ({ ...ellipse, minor: ellipse.major * ratio }));
