import * as tf from '@tensorflow/tfjs-core';
import { describe, it } from 'vitest';
import { available, expectAsCpu, filled } from './support.js';

type T4 = tf.Tensor4D;

/** A tensor that lies in oneDNN's blocked layout, where the channels allow. */
function fromConvolution(shape: readonly [number, number, number, number], seed: number): T4 {
  const filter = filled([1, 1, shape[3], shape[3]], seed + 100) as T4;
  return tf.fused.conv2d({ x: filled(shape, seed) as T4, filter, strides: 1, pad: 'same' });
}

const shapes: [number, number, number, number][] = [
  [1, 4, 4, 1],
  [2, 6, 8, 16],
  [2, 7, 5, 3],
  [1, 9, 9, 32],
  [3, 4, 6, 48],
];

describe.skipIf(!available)('kernels on images', () => {
  for (const made of [filled, fromConvolution] as const) {
    const source = made as (shape: readonly [number, number, number, number], seed: number) => T4;
    const name = made === filled ? 'row-major' : 'blocked';

    it(`pool as cpu, ${name}`, async () => {
      for (const shape of shapes)
        for (const [size, stride, pad] of [
          [2, 2, 'same'],
          [2, 2, 'valid'],
          [3, 2, 'same'],
          [3, 1, 'same'],
          [3, 1, 'valid'],
          [1, 1, 'same'],
          [1, 2, 'valid'],
        ] as const) {
          const pool = (x: tf.Tensor) => tf.maxPool(x as T4, size, stride, pad);
          await expectAsCpu(
            () => pool(source(shape, 1)),
            1e-5,
            `${shape} ${size} ${stride} ${pad}`,
          );
          await expectAsCpu(
            () => tf.grad((x) => tf.square(pool(x)))(source(shape, 1)),
            1e-5,
            `gradient ${shape} ${size} ${stride} ${pad}`,
          );
        }
    });

    it(`concatenate, split and slice as cpu, ${name}`, async () => {
      for (const [n, h, w, c] of shapes) {
        const a = () => source([n, h, w, c], 1);
        const b = () => source([n, h, w, 16], 2);
        await expectAsCpu(
          () => {
            const joined = tf.concat([a(), b()], 3);
            return [
              joined,
              ...tf.split(joined, [c, 16], 3),
              tf.slice(joined, [0, 0, 0, c], [n, h, w, 16]),
              tf.slice(joined, [0, 1, 0, 0], [n, 2, w, c + 16]),
              tf.slice(joined, [0, 1, 1, 0], [n, 2, 1, c]),
              tf.concat([a(), a()], 0),
              tf.concat([a(), a(), a()], 2),
            ];
          },
          1e-5,
          `${[n, h, w, c]}`,
        );
        await expectAsCpu(
          () => tf.grads((x, y) => tf.square(tf.concat([tf.relu(x!), y!], 3)))([a(), b()]),
          1e-5,
        );
      }
    });

    it(`reduce as cpu, ${name}`, async () => {
      for (const shape of shapes)
        for (const axes of [[0, 1, 2], [3], [1, 2], [0], [0, 2], [1, 3], [0, 1, 2, 3], []])
          await expectAsCpu(
            () => {
              const x = source(shape, 1);
              return [
                tf.sum(x, axes),
                tf.sum(x, axes, true),
                tf.mean(x, axes),
                tf.max(x, axes),
                tf.min(x, axes, true),
              ];
            },
            1e-5,
            `${shape} axes ${axes}`,
          );
    });

    it(`resize as cpu, ${name}`, async () => {
      for (const shape of shapes)
        for (const [size, align, half] of [
          [[8, 12], false, false],
          [[8, 12], true, false],
          [[8, 12], false, true],
          [[3, 3], false, false],
          [[3, 3], true, false],
          [[5, 2], false, true],
          [[1, 1], true, false],
        ] as [[number, number], boolean, boolean][])
          await expectAsCpu(
            () => [
              tf.image.resizeBilinear(source(shape, 1), size, align, half),
              tf.image.resizeNearestNeighbor(source(shape, 1), size, align, half),
            ],
            1e-5,
            `${shape} to ${size} ${align} ${half}`,
          );
    });

    it(`resize with gradients as cpu, ${name}`, async () => {
      // Square: cpu's bilinear gradient swaps height and width in its shape.
      for (const shape of shapes.filter(([, h, w]) => h === w))
        for (const align of [false, true])
          for (const size of [
            [8, 12],
            [3, 3],
          ] as [number, number][])
            await expectAsCpu(
              () => [
                tf.grad((x) => tf.square(tf.image.resizeBilinear(x as T4, size, align)))(
                  source(shape, 1),
                ),
                tf.grad((x) => tf.square(tf.image.resizeNearestNeighbor(x as T4, size, align)))(
                  source(shape, 1),
                ),
              ],
              1e-5,
            );
    });

    it(`normalise batches as cpu, with gradients, ${name}`, async () => {
      for (const shape of shapes) {
        const vector = (seed: number) => tf.abs(filled([shape[3]], seed)) as tf.Tensor1D;
        const norm = (x: tf.Tensor, m: tf.Tensor, v: tf.Tensor, o: tf.Tensor, s: tf.Tensor) =>
          tf.batchNorm(
            x as T4,
            m as tf.Tensor1D,
            v as tf.Tensor1D,
            o as tf.Tensor1D,
            s as tf.Tensor1D,
            1e-3,
          );
        await expectAsCpu(
          () => norm(source(shape, 1), vector(2), vector(3), vector(4), vector(5)),
          1e-5,
        );
        await expectAsCpu(() => tf.batchNorm(source(shape, 1), vector(2), vector(3)), 1e-5);
        await expectAsCpu(
          () =>
            tf.grads((x, m, v, o, s) => tf.square(norm(x!, m!, v!, o!, s!)))([
              source(shape, 1),
              vector(2),
              vector(3),
              vector(4),
              vector(5),
            ]),
          2e-5,
        );
        await expectAsCpu(() => {
          const { mean, variance } = tf.moments(source(shape, 1), [0, 1, 2]);
          return [mean, variance];
        }, 1e-5);
      }
    });

    it(`do arithmetic as cpu, ${name}`, async () => {
      for (const shape of shapes)
        await expectAsCpu(
          () => {
            const [x, y] = [source(shape, 1), source(shape, 2)];
            const channel = filled([shape[3]], 3);
            return [
              tf.add(x, y),
              tf.sub(x, filled(shape, 4)),
              tf.sub(filled(shape, 4), x),
              tf.sub(channel, x),
              tf.mul(x, channel),
              tf.div(x, tf.scalar(3)),
              tf.sub(1, x),
              tf.relu(x),
              tf.sigmoid(tf.relu(x)),
              tf.reshape(tf.relu(x), [-1]),
              tf.mul(y, tf.step(x)),
              tf.transpose(x, [0, 3, 1, 2]),
              tf.transpose(tf.relu(x), [3, 0, 2, 1]),
            ];
          },
          1e-5,
          `${shape}`,
        );
    });
  }

  it('pool around NaNs as cpu', async () => {
    const x = () => tf.tensor4d([1, Number.NaN, 3, Number.NaN, 5, 6, 7, 8, 9], [1, 3, 3, 1]);
    await expectAsCpu(() => [tf.maxPool(x(), 2, 1, 'valid'), tf.maxPool(x(), 2, 2, 'same')]);
  });

  it('multiply matrices as cpu', async () => {
    await expectAsCpu(
      () => [
        tf.matMul(filled([3, 4], 1), filled([4, 5], 2)),
        tf.matMul(filled([4, 3], 1), filled([4, 5], 2), true),
        tf.matMul(filled([3, 4], 1), filled([5, 4], 2), false, true),
        tf.matMul(filled([2, 3, 4], 1), filled([2, 4, 5], 2)),
        tf.matMul(filled([2, 3, 4], 1), filled([1, 4, 5], 2)),
        tf.matMul(filled([2, 2, 3, 4], 1), filled([2, 2, 5, 4], 2), false, true),
        tf.matMul(filled([1, 7], 1), filled([7, 1], 2)),
      ],
      1e-5,
    );
  });
});
