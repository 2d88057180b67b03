import { EigenvalueDecomposition, Matrix, QrDecomposition } from 'ml-matrix';
import { randomFrom } from './random.js';

/** The shapes that masks take: their mean, and the directions in which they differ most. */
export interface MaskPrior {
  /** How many masks it was fitted to. */
  readonly masks: number;
  /** 0..1, row-major, on the network's grid. */
  readonly mean: Float32Array;
  /** Orthonormal, each as long as `mean`, one after the other: the one that explains most first. */
  readonly components: Float32Array;
}

/** More masks say little more of twenty directions, and a decomposition would hold others up for longer. */
const mostMasks = 300;
/** Of all masks together: bounds the memory that a fit takes. */
const mostPixels = 16_000_000;
const mostComponents = 20;
/** Of all components together: bounds the file (16 MB) and the time of a projection (some 10 ms). */
const mostValues = 4_000_000;
/** Directions beyond those wanted that the search follows, so that the last ones come out right. */
const spareComponents = 10;
/** With spare directions, a handful finds a dominant subspace to several digits. */
const roundCount = 6;
/** Rows of a product between two chances for others to run. */
const sliceLength = 64;
/** A smaller eigenvalue, in pixels, is rounding. */
const negligible = 1e-6;

/** How many masks of so many pixels are fitted, where there are that many. */
export function mostPriorMasks(area: number): number {
  return Math.max(2, Math.min(mostMasks, Math.floor(mostPixels / area)));
}

/**
 * Principal components of masks, by the eigenvectors of their centred Gram matrix (masks x masks,
 * far smaller than pixels x pixels). Its dominant ones are found by subspace iteration from a seeded
 * start: Halko, Martinsson, Tropp, "Finding structure with randomness" (2011), algorithms 4.4 and
 * 5.3, exact where there are no more masks than directions followed. Deterministic; null below two
 * masks that are not empty. Yields now and then, for the caller to let others run; the last value is
 * returned.
 *
 * @param masks 0 or 1, row-major, all of one grid; empty ones do not count.
 * @param most components
 */
export function* fitMaskPrior(
  masks: readonly Uint8Array[],
  most = mostComponents,
): Generator<void, MaskPrior | null> {
  const outlines: Uint32Array[] = [];
  for (const mask of masks) {
    const foreground = foregroundOf(mask);
    if (foreground.length > 0) outlines.push(foreground);
    yield;
  }
  const count = outlines.length;
  if (count < 2) return null;
  const area = masks[0]!.length;
  const gram = yield* centredGram(outlines, area);
  const wanted = Math.min(most, count - 1, Math.floor(mostValues / area));
  const { vectors, values } = yield* dominantEigenvectors(gram, wanted);
  const mean = new Float32Array(area);
  for (const outline of outlines) for (const at of outline) mean[at]! += 1 / count;
  const components = new Float32Array(values.length * area);
  for (const [nth, value] of values.entries()) {
    // Of an eigenvector of the masks' Gram matrix, their combination by it is one of the pixels'.
    // It sums to 0, so masks do as well as masks less their mean.
    for (const [index, outline] of outlines.entries()) {
      const share = vectors.get(index, nth) / Math.sqrt(value);
      for (const at of outline) components[nth * area + at]! += share;
    }
    yield;
  }
  return { masks: count, mean, components };
}

/**
 * The nearest map that the prior can make: mean + C C^T (map - mean). Not bounded to 0..1.
 *
 * @param map row-major, on the prior's grid
 */
export function projectOnto({ mean, components }: MaskPrior, map: Float32Array): Float32Array {
  const area = mean.length;
  if (map.length !== area) throw new RangeError(`${map.length} values, the prior has ${area}`);
  const projection = new Float32Array(mean);
  for (let start = 0; start < components.length; start += area) {
    let along = 0;
    for (let at = 0; at < area; at++) {
      along += components[start + at]! * (map[at]! - mean[at]!);
    }
    for (let at = 0; at < area; at++) projection[at]! += components[start + at]! * along;
  }
  return projection;
}

/** (1 - weight) map + weight projection, the projection bounded to 0..1 first. */
export function blend(map: Float32Array, projection: Float32Array, weight: number): Float32Array {
  return map.map((value, at) => {
    const shaped = Math.min(1, Math.max(0, projection[at]!));
    return (1 - weight) * value + weight * shaped;
  });
}

function foregroundOf(mask: Uint8Array): Uint32Array {
  const foreground: number[] = [];
  for (let at = mask.indexOf(1); at !== -1; at = mask.indexOf(1, at + 1)) foreground.push(at);
  return Uint32Array.from(foreground);
}

/** Inner products of masks less their mean. */
function* centredGram(outlines: readonly Uint32Array[], area: number): Generator<void, Matrix> {
  const count = outlines.length;
  const gram = new Matrix(count, count);
  const isForeground = new Uint8Array(area);
  for (const [row, outline] of outlines.entries()) {
    for (const at of outline) isForeground[at] = 1;
    for (let column = row; column < count; column++) {
      let common = 0;
      for (const at of outlines[column]!) common += isForeground[at]!;
      gram.set(row, column, common);
      gram.set(column, row, common);
    }
    for (const at of outline) isForeground[at] = 0;
    yield;
  }
  gram.center('row');
  yield;
  gram.center('column');
  yield;
  return gram;
}

/** The largest eigenvalues of a symmetric matrix without negative ones, descending, and their eigenvectors as columns. */
function* dominantEigenvectors(
  matrix: Matrix,
  wanted: number,
): Generator<void, { readonly vectors: Matrix; readonly values: readonly number[] }> {
  const size = matrix.rows;
  const followed = Math.min(size, wanted + spareComponents);
  const random = randomFrom('mask prior', size);
  let basis = Matrix.random(size, followed, { random: () => random() - 0.5 });
  for (let round = 0; round < roundCount; round++) {
    basis = new QrDecomposition(yield* product(matrix, basis)).orthogonalMatrix;
    yield;
  }
  const small = basis.transpose().mmul(yield* product(matrix, basis));
  yield;
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(small, {
    assumeSymmetric: true,
  });
  const kept = [...realEigenvalues.keys()]
    .filter((nth) => realEigenvalues[nth]! > negligible)
    .sort((a, b) => realEigenvalues[b]! - realEigenvalues[a]!)
    .slice(0, wanted);
  return {
    vectors: basis.mmul(eigenvectorMatrix.subMatrixColumn(kept)),
    values: kept.map((nth) => realEigenvalues[nth]!),
  };
}

function* product(left: Matrix, right: Matrix): Generator<void, Matrix> {
  const result = new Matrix(left.rows, right.columns);
  for (let start = 0; start < left.rows; start += sliceLength) {
    const end = Math.min(start + sliceLength, left.rows) - 1;
    const rows = left.subMatrix(start, end, 0, left.columns - 1);
    result.setSubMatrix(rows.mmul(right), start, 0);
    yield;
  }
  return result;
}
