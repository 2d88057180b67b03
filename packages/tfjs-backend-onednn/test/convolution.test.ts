import * as tf from '@tensorflow/tfjs-core';
import { afterAll, describe, expect, it } from 'vitest';
import { setWinograd } from '../src/index.js';
import { available, expectAsCpu, filled, on, random, values } from './support.js';

interface Case {
  x: [number, number, number, number];
  k: number;
  size: [number, number];
  strides: [number, number];
  pad: 'same' | 'valid' | number;
  dilations: [number, number];
}

const square = (n: number): [number, number] => [n, n];

/** The corners by hand, and many drawn at random. */
function cases(): Case[] {
  const base = { strides: square(1), dilations: square(1), pad: 'same' as const };
  const list: Case[] = [
    { ...base, x: [1, 1, 1, 1], k: 1, size: square(1) },
    { ...base, x: [2, 5, 7, 1], k: 3, size: square(3) },
    { ...base, x: [1, 8, 8, 16], k: 16, size: square(3) },
    { ...base, x: [2, 9, 7, 32], k: 16, size: square(3) },
    { ...base, x: [2, 4, 5, 64], k: 32, size: square(3) },
    { ...base, x: [2, 8, 10, 1], k: 32, size: square(3) },
    { ...base, x: [2, 8, 10, 3], k: 16, size: square(3) },
    { ...base, x: [2, 8, 10, 32], k: 1, size: square(1) },
    { ...base, x: [2, 8, 10, 5], k: 1, size: square(1) },
    { ...base, x: [2, 8, 6, 16], k: 32, size: square(2), strides: square(2) },
    { ...base, x: [1, 6, 6, 16], k: 16, size: square(3), pad: 'valid' },
    { ...base, x: [1, 7, 9, 16], k: 24, size: [3, 5], pad: 2 },
  ];
  const next = random(42);
  const pick = <T>(...of: T[]): T => of[Math.floor(((next() + 1) / 2) * of.length)]!;
  while (list.length < 40) {
    const strides: [number, number] = [pick(1, 1, 2, 3), pick(1, 2)];
    const dilated = strides[0] === 1 && strides[1] === 1 && pick(false, false, true);
    list.push({
      x: [pick(1, 2, 3), pick(9, 10, 11), pick(8, 9, 12), pick(1, 2, 3, 5, 16, 17, 32)],
      k: pick(1, 2, 7, 16, 24, 32),
      size: [pick(1, 2, 3, 5), pick(1, 2, 3, 4)],
      strides,
      pad: pick('same' as const, 'valid' as const),
      dilations: dilated ? [pick(1, 2), 2] : [1, 1],
    });
  }
  return list;
}

const filterShape = (c: Case): [number, number, number, number] => [...c.size, c.x[3], c.k];

describe.skipIf(!available)('convolutions', () => {
  afterAll(() => setWinograd(true));

  for (const winograd of [false, true]) {
    const tolerance = winograd ? 2e-5 : 2e-6;
    describe(winograd ? 'with Winograd' : 'direct', () => {
      it('are cpu’s, forward, with bias and activations', async () => {
        setWinograd(winograd);
        for (const c of cases()) {
          const x = () => filled(c.x, 1) as tf.Tensor4D;
          const filter = () => filled(filterShape(c), 2) as tf.Tensor4D;
          const bias = () => filled([c.k], 3) as tf.Tensor1D;
          const fused = (activation: 'linear' | 'relu' | 'sigmoid' | 'elu') =>
            tf.fused.conv2d({
              x: x(),
              filter: filter(),
              bias: bias(),
              strides: c.strides,
              pad: c.pad,
              dilations: c.dilations,
              activation,
            });
          await expectAsCpu(
            () => [
              tf.conv2d(x(), filter(), c.strides, c.pad, 'NHWC', c.dilations),
              fused('linear'),
              fused('relu'),
              fused('sigmoid'),
              fused('elu'),
              tf.relu(
                tf.add(tf.conv2d(x(), filter(), c.strides, c.pad, 'NHWC', c.dilations), bias()),
              ),
              tf.add(bias(), tf.conv2d(x(), filter(), c.strides, c.pad, 'NHWC', c.dilations)),
            ],
            tolerance,
            JSON.stringify(c),
          );
        }
      });

      it('have cpu’s gradients', async () => {
        setWinograd(winograd);
        for (const c of cases().filter((one) => one.dilations.every((d) => d === 1))) {
          const gradients = () => {
            const grads = tf.grads((x, filter, bias) =>
              tf.relu(
                tf.add(tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, c.strides, c.pad), bias!),
              ),
            );
            const [x, filter, bias] = [filled(c.x, 1), filled(filterShape(c), 2), filled([c.k], 3)];
            return grads([x, filter, bias]);
          };
          await expectAsCpu(gradients, tolerance * 5, JSON.stringify(c));
        }
      });
    });
  }

  it('transpose as cpu’s, with gradients', async () => {
    for (const [n, h, w, c, k, size, stride] of [
      [2, 4, 5, 32, 16, 2, 2],
      [1, 3, 3, 16, 32, 2, 2],
      [2, 3, 4, 5, 3, 3, 2],
      [1, 4, 4, 1, 1, 2, 2],
      [2, 3, 3, 64, 32, 3, 1],
    ] as const) {
      const run = (x: tf.Tensor, filter: tf.Tensor, bias: tf.Tensor) =>
        tf.add(
          tf.conv2dTranspose(
            x as tf.Tensor4D,
            filter as tf.Tensor4D,
            [n, h * stride, w * stride, k],
            stride,
            'same',
          ),
          tf.reshape(bias, [1, 1, 1, k]),
        );
      const inputs = () =>
        [filled([n, h, w, c], 1), filled([size, size, k, c], 2), filled([k], 3)] as const;
      await expectAsCpu(() => run(...inputs()), 1e-5);
      await expectAsCpu(
        () => tf.grads((x, f, b) => tf.square(run(x!, f!, b!)))([...inputs()]),
        1e-5,
      );
    }
  });

  it('have the gradients that finite differences find', async () => {
    await tf.setBackend('onednn');
    setWinograd(true);
    const shapes = [[1, 6, 6, 16], [3, 3, 16, 16], [16]];
    const loss = (parts: Float32Array[]) =>
      tf.tidy(() => {
        const [x, f, b] = parts.map((p, i) => tf.tensor(p, shapes[i]!));
        const y = tf.sigmoid(tf.add(tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, 1, 'same'), b!));
        return tf.mean(y);
      });
    const parts = shapes.map((s, i) => values(s, i + 10).map((v) => v / 4));
    const analytic = tf.tidy(() =>
      tf
        .grads((x, f, b) =>
          tf.mean(tf.sigmoid(tf.add(tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, 1, 'same'), b!))),
        )(parts.map((p, i) => tf.tensor(p, shapes[i]!)))
        .map((t) => t.dataSync()),
    );
    const h = 1e-1;
    for (const [i, part] of parts.entries()) {
      for (const at of [0, 3, part.length - 1]) {
        const shifted = (by: number) => {
          const copy = parts.map((p) => p.slice());
          copy[i]![at]! += by;
          const t = loss(copy);
          const v = t.dataSync()[0]!;
          t.dispose();
          return v;
        };
        const numeric = (shifted(h) - shifted(-h)) / (2 * h);
        expect(Math.abs(numeric - analytic[i]![at]!)).toBeLessThan(2e-5 + Math.abs(numeric) * 0.02);
      }
    }
  });

  it('leave NCHW, ints and empty batches to cpu kernels', async () => {
    await expectAsCpu(() => [
      tf.conv2d(
        filled([1, 3, 5, 5], 1) as tf.Tensor4D,
        filled([3, 3, 3, 4], 2) as tf.Tensor4D,
        1,
        'same',
        'NCHW',
      ),
      tf.conv2d(tf.zeros([0, 5, 5, 2]), filled([3, 3, 2, 4], 2) as tf.Tensor4D, 1, 'same'),
    ]);
  });

  it('do not see a filter that is written over before they are read', async () => {
    const run = () => {
      const filter = tf.variable(filled([3, 3, 16, 16], 2));
      const y = tf.conv2d(
        filled([1, 6, 6, 16], 1) as tf.Tensor4D,
        filter as tf.Tensor4D,
        1,
        'same',
      );
      filter.assign(tf.zerosLike(filter));
      const sum = tf.sum(tf.abs(y));
      filter.dispose();
      return sum;
    };
    const [sum] = await on('onednn', run);
    expect(sum?.values[0]).toBeGreaterThan(1);
    await expectAsCpu(run, 1e-5);
  });
});
