/**
 * Sums over uint8 pixels. Whole numbers, exact up to 1.4e11 pixels (half a million images of
 * 420x580), so neither order nor grouping changes the result.
 */
export interface PixelSums {
  readonly count: number;
  readonly sum: number;
  readonly sumOfSquares: number;
}

/** Of pixels scaled to 0..1; what `(pixel / 255 - mean) / std` needs. */
export interface PixelNormalisation {
  readonly mean: number;
  readonly std: number;
}

export const noPixels: PixelSums = { count: 0, sum: 0, sumOfSquares: 0 };

export function addPixels(sums: PixelSums, pixels: Uint8Array): PixelSums {
  let { sum, sumOfSquares } = sums;
  for (let index = 0; index < pixels.length; index++) {
    const pixel = pixels[index]!;
    sum += pixel;
    sumOfSquares += pixel * pixel;
  }
  return { count: sums.count + pixels.length, sum, sumOfSquares };
}

/** One grey level: images of a single value must not blow up. */
export const leastStd = 1 / 255;

/** Population mean and standard deviation; 0 and 1 of no pixels at all. */
export function normalisationOf({ count, sum, sumOfSquares }: PixelSums): PixelNormalisation {
  if (count === 0) return { mean: 0, std: 1 };
  // In floating point this difference of two large numbers would lose what it is about.
  const spread = BigInt(count) * BigInt(sumOfSquares) - BigInt(sum) ** 2n;
  const std = Math.sqrt(Number(spread)) / count / 255;
  return { mean: sum / count / 255, std: Math.max(std, leastStd) };
}
