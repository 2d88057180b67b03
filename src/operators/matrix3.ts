export type Vector = readonly [number, number, number];
/** Of 3 x 3, by rows. */
export type Matrix = readonly [Vector, Vector, Vector];

/** Of numbers about 1: below this a number is 0. */
const tiny = 1e-12;

/** Real ones; the problem has no others, but for rounding. */
export function eigenvaluesOf(matrix: Matrix): number[] {
  const [[a, b, c], [d, e, f], [g, h, i]] = matrix;
  const third = (a + e + i) / 3;
  const minors = a * e - b * d + (a * i - c * g) + (e * i - f * h);
  const determinant = dot(matrix[0], cross(matrix[1], matrix[2]));
  // With t = eigenvalue - third: t³ + pt + q = 0, by Viète's cosines.
  const p = minors - 3 * third ** 2;
  const q = third * minors - 2 * third ** 3 - determinant;
  const radius = 2 * Math.sqrt(Math.max(0, -p / 3));
  if (radius === 0) return [third];
  const cosine = Math.min(1, Math.max(-1, (3 * q) / (p * radius)));
  const turn = Math.acos(cosine) / 3;
  return [0, 1, 2].map((k) => third + radius * Math.cos(turn - (2 * Math.PI * k) / 3));
}

/** What the matrix less the eigenvalue makes 0: across two of its rows, the two least alike. */
export function eigenvectorOf(matrix: Matrix, eigenvalue: number): Vector | null {
  const rows = matrixOf((i, j) => matrix[i]![j]! - (i === j ? eigenvalue : 0));
  const candidates = [cross(rows[0], rows[1]), cross(rows[0], rows[2]), cross(rows[1], rows[2])];
  const longest = candidates.reduce((best, other) =>
    dot(other, other) > dot(best, best) ? other : best,
  );
  const length = Math.sqrt(dot(longest, longest));
  return length > tiny ? scaledRow(longest, 1 / length) : null;
}

export function inverseOf(matrix: Matrix): Matrix | null {
  const [a, b, c] = matrix;
  const determinant = dot(a, cross(b, c));
  if (Math.abs(determinant) < tiny) return null;
  return scaled(transposed([cross(b, c), cross(c, a), cross(a, b)]), 1 / determinant);
}

export function matrixOf(cell: (row: number, column: number) => number): Matrix {
  const row = (i: number): Vector => [cell(i, 0), cell(i, 1), cell(i, 2)];
  return [row(0), row(1), row(2)];
}

export function transposed(matrix: Matrix): Matrix {
  return matrixOf((i, j) => matrix[j]![i]!);
}

export function product(a: Matrix, b: Matrix): Matrix {
  const columns = transposed(b);
  return matrixOf((i, j) => dot(a[i]!, columns[j]!));
}

export function sum(a: Matrix, b: Matrix): Matrix {
  return matrixOf((i, j) => a[i]![j]! + b[i]![j]!);
}

export function scaled(matrix: Matrix, factor: number): Matrix {
  return matrixOf((i, j) => matrix[i]![j]! * factor);
}

export function scaledRow([x, y, z]: Vector, factor: number): Vector {
  return [x * factor, y * factor, z * factor];
}

export function apply(matrix: Matrix, vector: Vector): Vector {
  return [dot(matrix[0], vector), dot(matrix[1], vector), dot(matrix[2], vector)];
}

function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}
