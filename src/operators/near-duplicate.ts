import type { GreyImage, GridSize } from './image.js';
import { resizeImage } from './resize.js';

/**
 * What is compared of one image: its structure at three resolutions, coarse to fine. Brightness,
 * contrast and gain across the image are gone. 27 KB.
 */
export interface FrameDescriptor {
  readonly levels: readonly Structure[];
}

interface Structure {
  /** Of length 1, row-major. */
  readonly values: Float32Array;
  /** Sum of squares of the part that is left when the image is shifted, for each shift from -most to most, row by row. */
  readonly energies: Float64Array;
}

export interface AlignedSimilarity {
  /** Correlation of the finest level, -1..1, at the best shift. */
  readonly similarity: number;
  /** By how much the second image's content lies to the right of and below the first's, as shares of width and height. */
  readonly right: number;
  readonly down: number;
}

/**
 * Two images of one subject from this similarity on are frames of one moment. Frames of a drawn
 * sweep reach 0.84 at least, other images of the same subject 0.77 at most; of real ultrasound,
 * shifted and noisy copies 0.84, the most alike of different images 0.74
 * (docs/reports/models.md).
 */
export const nearDuplicate = 0.8;

interface Level extends GridSize {
  /** Neighbourhood whose mean is taken off: what is brighter at large is no structure. */
  readonly radius: number;
  /** Largest shift to each side, in pixels of this grid. */
  readonly most: number;
  /** Shifts tried around the one that the coarser level found best. */
  readonly around: number;
  /** Below this the images are not alike, and no finer level is looked at. */
  readonly least: number;
}

/** Probe and tissue slide by a few per cent of the image between two frames. */
const levels: readonly Level[] = [
  { height: 16, width: 20, radius: 2, most: 0, around: 0, least: 0.6 },
  { height: 32, width: 40, radius: 3, most: 1, around: 1, least: 0.7 },
  { height: 64, width: 80, radius: 4, most: 3, around: 1, least: -1 },
];

/** The descriptor of an image of any size. */
export async function describeFrame(image: GreyImage): Promise<FrameDescriptor> {
  const described: Structure[] = [];
  for (const level of levels) {
    const { data } = await resizeImage(image, level);
    const values = structure(data, level);
    described.push({ values, energies: energiesOf(values, level) });
  }
  return { levels: described };
}

/** How alike two images are; null where a coarse look already tells that they are not. */
export function similarityOf(a: FrameDescriptor, b: FrameDescriptor): AlignedSimilarity | null {
  let aligned: AlignedSimilarity = { similarity: 0, right: 0, down: 0 };
  for (const [nth, level] of levels.entries()) {
    aligned = bestShift(a.levels[nth]!, b.levels[nth]!, level, aligned);
    if (aligned.similarity < level.least) return null;
  }
  return aligned;
}

/** The coarsest level alone, -1..1: a first look at many pairs, for which the finer ones need not be kept. */
export function coarseSimilarity(a: FrameDescriptor, b: FrameDescriptor): number {
  return bestShift(a.levels[0]!, b.levels[0]!, levels[0]!, { similarity: 0, right: 0, down: 0 })
    .similarity;
}

/** Smoothed, so that half a pixel of shift costs little; without the local mean; of length 1. */
function structure(pixels: Uint8Array, level: Level): Float32Array {
  const { height, width, radius } = level;
  const smooth = height > 16 ? smoothed(pixels, level) : Float32Array.from(pixels);
  const sums = new AreaSums(smooth, level);
  const result = new Float32Array(height * width);
  let square = 0;
  for (let row = 0; row < height; row++) {
    const top = Math.max(0, row - radius);
    const bottom = Math.min(height, row + radius + 1);
    for (let column = 0; column < width; column++) {
      const left = Math.max(0, column - radius);
      const right = Math.min(width, column + radius + 1);
      const mean = sums.of(top, bottom, left, right) / ((bottom - top) * (right - left));
      const value = smooth[row * width + column]! - mean;
      result[row * width + column] = value;
      square += value * value;
    }
  }
  const scale = square > 0 ? 1 / Math.sqrt(square) : 0;
  return result.map((value) => value * scale);
}

/** Sums over rectangles, each from four table entries (F. Crow's summed-area table, 1984). */
class AreaSums {
  private readonly table: Float64Array;
  private readonly stride: number;

  constructor(values: Float32Array, { height, width }: GridSize) {
    this.stride = width + 1;
    this.table = new Float64Array((height + 1) * this.stride);
    for (let row = 0; row < height; row++) {
      let sum = 0;
      for (let column = 0; column < width; column++) {
        sum += values[row * width + column]!;
        const at = (row + 1) * this.stride + column + 1;
        this.table[at] = this.table[at - this.stride]! + sum;
      }
    }
  }

  /** Rows `top` to `bottom` and columns `left` to `right`, the last of each not included. */
  of(top: number, bottom: number, left: number, right: number): number {
    const { table, stride } = this;
    const above = table[top * stride + right]! - table[top * stride + left]!;
    return table[bottom * stride + right]! - table[bottom * stride + left]! - above;
  }
}

/** Binomial 3 x 3. */
function smoothed(pixels: Uint8Array, { height, width }: GridSize): Float32Array {
  const across = new Float32Array(height * width);
  const result = new Float32Array(height * width);
  for (let row = 0; row < height; row++) {
    const start = row * width;
    for (let column = 0; column < width; column++) {
      const left = pixels[start + Math.max(0, column - 1)]!;
      const right = pixels[start + Math.min(width - 1, column + 1)]!;
      across[start + column] = (left + 2 * pixels[start + column]! + right) / 4;
    }
  }
  for (let row = 0; row < height; row++) {
    const above = Math.max(0, row - 1) * width;
    const below = Math.min(height - 1, row + 1) * width;
    for (let column = 0; column < width; column++) {
      const here = across[row * width + column]!;
      result[row * width + column] =
        (across[above + column]! + 2 * here + across[below + column]!) / 4;
    }
  }
  return result;
}

/** Normalised cross-correlation over the part that both show, for the shifts around one. */
function bestShift(
  a: Structure,
  b: Structure,
  level: Level,
  coarser: AlignedSimilarity,
): AlignedSimilarity {
  const { height, width, most, around } = level;
  const centreDown = Math.round(coarser.down * height);
  const centreRight = Math.round(coarser.right * width);
  let best: AlignedSimilarity = { similarity: -1, right: 0, down: 0 };
  for (let down = centreDown - around; down <= centreDown + around; down++) {
    for (let right = centreRight - around; right <= centreRight + around; right++) {
      if (Math.max(Math.abs(down), Math.abs(right)) > most) continue;
      const both = overlap(a.values, b.values, level, down, right);
      const square =
        a.energies[shiftIndex(down, right, most)]! * b.energies[shiftIndex(-down, -right, most)]!;
      const similarity = square > 0 ? both / Math.sqrt(square) : 0;
      if (similarity > best.similarity) {
        best = { similarity, right: right / width, down: down / height };
      }
    }
  }
  return best;
}

/** Sum of products of `a` and of `b` shifted back. */
function overlap(
  a: Float32Array,
  b: Float32Array,
  { height, width }: GridSize,
  down: number,
  right: number,
): number {
  const firstColumn = Math.max(0, -right);
  const endColumn = Math.min(width, width - right);
  const shift = down * width + right;
  let sum = 0;
  for (let row = Math.max(0, -down); row < Math.min(height, height - down); row++) {
    const end = row * width + endColumn;
    for (let index = row * width + firstColumn; index < end; index++) {
      sum += a[index]! * b[index + shift]!;
    }
  }
  return sum;
}

function energiesOf(values: Float32Array, level: Level): Float64Array {
  const { height, width, most } = level;
  const squares = new AreaSums(
    values.map((value) => value * value),
    level,
  );
  const energies = new Float64Array((2 * most + 1) ** 2);
  for (let down = -most; down <= most; down++) {
    for (let right = -most; right <= most; right++) {
      energies[shiftIndex(down, right, most)] = squares.of(
        Math.max(0, -down),
        Math.min(height, height - down),
        Math.max(0, -right),
        Math.min(width, width - right),
      );
    }
  }
  return energies;
}

function shiftIndex(down: number, right: number, most: number): number {
  return (down + most) * (2 * most + 1) + right + most;
}
