import * as tf from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, it } from 'vitest';
import * as onednn from '../src/index.js';
import { available, difference, filled, on } from './support.js';

type T4 = tf.Tensor4D;
type Shape = [number, number, number, number];

const epsilon = 1e-3;
const shapes: Shape[] = [
  [1, 4, 4, 1],
  [3, 7, 5, 3],
  [2, 6, 8, 16],
  [2, 12, 10, 32],
  [3, 4, 6, 48],
];

/** A tensor that lies in oneDNN's blocked layout, where the channels allow. */
function fromConvolution(shape: Shape, seed: number): T4 {
  const filter = filled([1, 1, shape[3], shape[3]], seed + 100) as T4;
  return tf.fused.conv2d({ x: filled(shape, seed) as T4, filter, strides: 1, pad: 'same' });
}

const inputs = (make: (shape: Shape, seed: number) => tf.Tensor, shape: Shape) => ({
  x: tf.add(make(shape, 1), 0.5) as T4,
  dy: make(shape, 2) as T4,
  scale: tf.add(filled([shape[3]], 3), 1.5),
  offset: filled([shape[3]], 4),
});

/** By the textbook, with TensorFlow.js' own gradients. */
function composed(make: (shape: Shape, seed: number) => tf.Tensor, shape: Shape): tf.Tensor[] {
  const { x, dy, scale, offset } = inputs(make, shape);
  const { mean, variance } = tf.moments(x, [0, 1, 2]);
  const y = (a: tf.Tensor, b: tf.Tensor, c: tf.Tensor) => {
    const { mean: m, variance: v } = tf.moments(a, [0, 1, 2]);
    return tf.add(tf.mul(tf.div(tf.sub(a, m), tf.sqrt(tf.add(v, epsilon))), b), c);
  };
  const gradients = tf.grads((a, b, c) => tf.sum(tf.mul(y(a!, b!, c!), dy)));
  return [y(x, scale, offset), mean, variance, ...gradients([x, scale, offset])];
}

function native(make: (shape: Shape, seed: number) => tf.Tensor, shape: Shape): tf.Tensor[] {
  const { x, dy, scale, offset } = inputs(make, shape);
  const { y, mean, variance } = onednn.normaliseBatch(x, scale, offset, epsilon);
  const d = onednn.normaliseBatchGradient(dy, x, scale, mean, variance, epsilon);
  return [y, mean, variance, d.x, d.scale, d.offset];
}

async function largestDifference(make: typeof filled, shape: Shape): Promise<number> {
  const expected = await on('cpu', () => composed(make, shape));
  const actual = await on('onednn', () => native(make, shape));
  return Math.max(
    ...expected.map(({ values, shape: wanted }, index) => {
      expect(actual[index]!.shape).toEqual(wanted);
      return difference(actual[index]!.values, values);
    }),
  );
}

describe.skipIf(!available)('batch normalisation', () => {
  afterEach(() => {
    if (available) onednn.setPrecision('float32');
  });

  it.each([
    ['row-major', filled],
    ['blocked', fromConvolution],
  ])('normalises and passes gradients on as the textbook has it, %s', async (_, make) => {
    for (const shape of shapes) {
      expect(await largestDifference(make as typeof filled, shape), `${shape}`).toBeLessThan(2e-5);
    }
  });

  it.skipIf(!available || !onednn.supportsBf16())('does in bfloat16 too', async () => {
    onednn.setPrecision('bf16');
    expect(await largestDifference(fromConvolution as typeof filled, [4, 8, 8, 32])).toBeLessThan(
      0.03,
    );
  });

  it('refuses what does not fit', async () => {
    await tf.setBackend('onednn');
    tf.tidy(() => {
      const { x, offset } = inputs(filled, [1, 4, 4, 16]);
      const normalise = (scale: tf.Tensor) => () =>
        onednn.normaliseBatch(x, scale, offset, epsilon);
      expect(normalise(tf.ones([8]))).toThrow('cannot take scale [8] float32');
      expect(normalise(tf.ones([16], 'int32'))).toThrow('cannot take scale [16] int32');
    });
  });
});

describe.skipIf(!available)('moving averages', () => {
  it('move in place, and leave whoever shares the values alone', async () => {
    await tf.setBackend('onednn');
    const average = tf.variable(tf.tensor1d([1, 2, 3]));
    const before = tf.clone(average);
    const value = tf.tensor1d([3, 2, -1]);
    onednn.moveTowards([{ average, value }], 0.25);
    expect([...average.dataSync()]).toEqual([1.5, 2, 2]);
    expect([...before.dataSync()]).toEqual([1, 2, 3]);
    expect(() => onednn.moveTowards([{ average, value: tf.ones([2]) }], 0.25)).toThrow('[3]');
    tf.dispose([average, before, value]);
  });
});
