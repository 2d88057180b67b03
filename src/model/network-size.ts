import type { GridSize } from '../operators/image.js';

/** Four 2x2 poolings: height and width must divide by it. */
export const gridMultiple = 16;

/** Why no U-Net can be built for this size, or null. Imports no TensorFlow.js. */
export function sizeProblem({ height, width }: GridSize): string | null {
  const fits = (length: number): boolean =>
    Number.isInteger(length) && length > 0 && length % gridMultiple === 0;
  if (fits(height) && fits(width)) return null;
  return `size ${height}x${width}: height and width must be multiples of ${gridMultiple}`;
}
