import type { Weight } from '../model/network-layers.js';

type FourExtents = readonly [number, number, number, number];

type Order = readonly [extents: FourExtents, axes: FourExtents];

/**
 * A convolution's kernel as TensorFlow.js has it, [height, width, in, out], or of a transposed one
 * [height, width, out, in], from whatever order Keras kept it in; null where its extents fit none.
 *
 * @param isFlipped whether Theano computed it: its convolutions turn a kernel around by 180 degrees
 */
export function kernelOf(
  { shape, values }: Weight,
  kind: 'Conv2D' | 'Conv2DTranspose',
  expected: readonly number[],
  isFlipped: boolean,
): Weight | null {
  const [height, width, a, b] = expected as FourExtents;
  const asHere: Order = [
    [height, width, a, b],
    [0, 1, 2, 3],
  ];
  const theano: Order =
    kind === 'Conv2D'
      ? [
          [b, a, height, width],
          [2, 3, 1, 0],
        ]
      : [
          [a, b, height, width],
          [2, 3, 0, 1],
        ];
  const transposedOfKeras1: Order = [
    [height, width, b, a],
    [0, 1, 3, 2],
  ];
  const orders = [asHere, theano, ...(kind === 'Conv2D' ? [] : [transposedOfKeras1])];
  const found = orders.find(
    ([extents]) => shape.length === 4 && extents.every((extent, at) => extent === shape[at]),
  );
  if (found === undefined) return null;
  return { shape: expected, values: reordered(values, shape as FourExtents, found[1], isFlipped) };
}

/** Axis `order[i]` of the kernel becomes axis i; the first two are then turned around where asked. */
function reordered(
  values: Float32Array,
  shape: FourExtents,
  order: FourExtents,
  isFlipped: boolean,
): Float32Array {
  const strides = [shape[1] * shape[2] * shape[3], shape[2] * shape[3], shape[3], 1];
  const [height, width, c, d] = order.map((axis) => shape[axis]!) as [
    number,
    number,
    number,
    number,
  ];
  const [byRow, byColumn, byC, byD] = order.map((axis) => strides[axis]!) as [
    number,
    number,
    number,
    number,
  ];
  const result = new Float32Array(values.length);
  let at = 0;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const from = isFlipped
        ? (height - 1 - row) * byRow + (width - 1 - column) * byColumn
        : row * byRow + column * byColumn;
      for (let ofC = 0; ofC < c; ofC++) {
        for (let ofD = 0; ofD < d; ofD++) result[at++] = values[from + ofC * byC + ofD * byD]!;
      }
    }
  }
  return result;
}
