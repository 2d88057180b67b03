/**
 * The dimensions of a broadcast and the strides of both operands, with neighbouring dimensions
 * merged wherever both operands walk through them evenly: the fewer, the longer the inner loops.
 */
export function broadcastGeometry(
  shape: readonly number[],
  a: readonly number[],
  b: readonly number[],
): Int32Array {
  const rank = shape.length;
  const [sa, sb] = [strides(a, rank), strides(b, rank)];
  return mergedGeometry(shape, sa, sb);
}

/** As above, for given strides. */
export function mergedGeometry(
  shape: readonly number[],
  sa: readonly number[],
  sb: readonly number[],
): Int32Array {
  const merged: { dim: number; a: number; b: number }[] = [];
  for (let d = shape.length - 1; d >= 0; d--) {
    const dim = shape[d]!;
    if (dim === 1) continue;
    const [a, b] = [sa[d]!, sb[d]!];
    const last = merged[merged.length - 1];
    if (last && a === last.a * last.dim && b === last.b * last.dim) last.dim *= dim;
    else merged.push({ dim, a, b });
  }
  if (merged.length === 0) merged.push({ dim: 1, a: 0, b: 0 });
  merged.reverse();
  return Int32Array.from([
    ...merged.map((m) => m.dim),
    ...merged.map((m) => m.a),
    ...merged.map((m) => m.b),
  ]);
}

/** Row-major strides, zero where the dimension is stretched, aligned to the right. */
function strides(shape: readonly number[], rank: number): number[] {
  const result = new Array<number>(rank).fill(0);
  let stride = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    const dim = shape[d]!;
    if (dim !== 1) result[rank - shape.length + d] = stride;
    stride *= dim;
  }
  return result;
}
