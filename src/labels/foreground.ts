import type { GridSize } from '../operators/image.js';

/** A mask of more different values than this, 0 aside, holds grey steps and not labels. */
const mostLabels = 8;

/** What in a mask's values is foreground, and why. */
export type Foreground =
  /** Every value but 0, or but NaN. */
  | { readonly is: 'labels'; readonly mixed: readonly number[] }
  /** Values from `least` on; and those of `labels`, which are below it. */
  | {
      readonly is: 'grey';
      readonly least: number;
      readonly labels: readonly number[];
      /** Below `least`, thin and few: the soft edge of something brighter, and not foreground. */
      readonly edges: readonly number[];
    };

/**
 * How labels are told from grey. Whole numbers none of which reaches half of the range (128, or
 * 32768 where any exceeds 255) are labels. So are at most eight different values besides 0,
 * if each fills somewhere a block of 3 x 3 pixels; of a value that does not, the soft edge of a shape
 * is made, and it has to reach half. More values than eight are grey steps, and half of the range
 * decides. Signed and 32-bit integers are labels always. Floats are labels where they are whole
 * numbers; else half of the range is 0.5, or 128 where any exceeds 1.
 */
export function foregroundOf(values: ArrayLike<number>, size: GridSize): Foreground {
  const isBytes = values instanceof Uint8Array || values instanceof Uint8ClampedArray;
  const isUnsigned = isBytes || values instanceof Uint16Array;
  const isFloat = values instanceof Float32Array || values instanceof Float64Array;
  if (!isUnsigned && !isFloat) return { is: 'labels', mixed: [] };

  const { distinct, strongest, areWhole } = summaryOf(values);
  if (isFloat && areWhole) return { is: 'labels', mixed: [] };
  const half = isFloat ? (strongest > 1 ? 128 : 0.5) : strongest > 255 ? 32768 : 128;
  if (!isFloat && strongest < half) return { is: 'labels', mixed: [] };

  const low = distinct === null ? [] : distinct.filter((value) => value < half);
  const labels = low.filter((value) => isSolid(values, size, value));
  const edges = low.filter((value) => !labels.includes(value));
  if (distinct !== null && edges.length === 0)
    return { is: 'labels', mixed: low.length === 0 ? [] : distinct };
  return { is: 'grey', least: half, labels, edges };
}

interface Summary {
  /** In ascending order, without 0; null where there are too many to be labels. */
  readonly distinct: readonly number[] | null;
  readonly strongest: number;
  readonly areWhole: boolean;
}

function summaryOf(values: ArrayLike<number>): Summary {
  const seen = new Set<number>();
  let strongest = 0;
  let areWhole = true;
  let before = 0;
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!;
    if (value === before || Number.isNaN(value)) continue;
    before = value;
    if (value > strongest) strongest = value;
    if (areWhole && !Number.isInteger(value)) areWhole = false;
    if (value !== 0 && seen.size <= mostLabels) seen.add(value);
  }
  const distinct = seen.size > mostLabels ? null : [...seen].sort((a, b) => a - b);
  return { distinct, strongest, areWhole };
}

function isSolid(values: ArrayLike<number>, { height, width }: GridSize, value: number): boolean {
  /** How many pixels of the value end here, upwards. */
  const heights = new Uint32Array(width);
  for (let row = 0, at = 0; row < height; row++) {
    let run = 0;
    for (let column = 0; column < width; column++, at++) {
      const tall = values[at] === value ? heights[column]! + 1 : 0;
      heights[column] = tall;
      run = tall >= 3 ? run + 1 : 0;
      if (run === 3) return true;
    }
  }
  return false;
}
