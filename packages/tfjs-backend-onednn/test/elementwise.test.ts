import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { available, expectAsCpu, filled, on } from './support.js';

const shapes = [[1], [7], [3, 5], [2, 3, 4], [2, 5, 3, 16], [1, 4, 4, 33], [2, 33, 17, 16]];

const unaryOps: Record<string, (x: tf.Tensor) => tf.Tensor> = {
  neg: tf.neg,
  abs: tf.abs,
  exp: (x) => tf.exp(tf.mul(x, 20)),
  log: (x) => tf.log(tf.abs(x)),
  log1p: (x) => tf.log1p(tf.abs(x)),
  sqrt: (x) => tf.sqrt(tf.abs(x)),
  rsqrt: (x) => tf.rsqrt(tf.add(tf.abs(x), 0.1)),
  square: tf.square,
  reciprocal: tf.reciprocal,
  sigmoid: (x) => tf.sigmoid(tf.mul(x, 30)),
  relu: tf.relu,
  relu6: (x) => tf.relu6(tf.mul(x, 12)),
  step: (x) => tf.step(x),
  'step with a slope': (x) => tf.step(x, 0.25),
  tanh: tf.tanh,
  softplus: (x) => tf.softplus(tf.mul(x, 40)),
  clip: (x) => tf.clipByValue(x, -0.5, 0.25),
};

const binaryOps: Record<string, (a: tf.Tensor, b: tf.Tensor) => tf.Tensor> = {
  add: tf.add,
  sub: tf.sub,
  mul: tf.mul,
  div: (a, b) => tf.div(a, tf.add(tf.abs(b), 0.1)),
  maximum: tf.maximum,
  minimum: tf.minimum,
  squaredDifference: tf.squaredDifference,
  greater: tf.greater,
  greaterEqual: tf.greaterEqual,
  less: tf.less,
  lessEqual: tf.lessEqual,
  equal: tf.equal,
  notEqual: tf.notEqual,
};

const broadcasts: [number[], number[]][] = [
  [[4, 5], [5]],
  [
    [4, 5],
    [4, 1],
  ],
  [[], [3, 4]],
  [[3, 4], []],
  [
    [2, 3, 4, 16],
    [1, 1, 1, 16],
  ],
  [[2, 3, 4, 16], [16]],
  [[16], [2, 3, 4, 16]],
  [
    [2, 1, 4, 1],
    [1, 3, 1, 5],
  ],
  [
    [2, 3, 1, 5, 1, 2],
    [3, 4, 1, 6, 2],
  ],
  [
    [50, 40, 3],
    [40, 1],
  ],
];

describe.skipIf(!available)('elementwise kernels', () => {
  for (const [name, f] of Object.entries(unaryOps)) {
    it(`${name} is cpu's`, async () => {
      for (const [i, shape] of shapes.entries())
        await expectAsCpu(() => f(filled(shape, i + 1)), 5e-7, `${name} [${shape}]`);
    });
  }

  for (const [name, f] of Object.entries(binaryOps)) {
    it(`${name} is cpu's, broadcast or not`, async () => {
      const pairs = [...shapes.map((s) => [s, s] as const), ...broadcasts];
      for (const [a, b] of pairs)
        await expectAsCpu(() => f(filled(a, 3), filled(b, 4)), 5e-7, `${name} [${a}] [${b}]`);
    });
  }

  it('has cpu results for special values', async () => {
    const special = () =>
      tf.tensor1d([Number.NaN, Infinity, -Infinity, 0, -0, 1e-40, 3e38, -3e38, 88.7, -104, -87.5]);
    for (const f of [tf.relu, tf.step, tf.exp, tf.sigmoid, tf.abs, tf.sqrt])
      await expectAsCpu(() => f(special() as tf.Tensor), 5e-7, f.name);
    for (const f of [tf.maximum, tf.minimum, tf.add, tf.mul])
      await expectAsCpu(() => f(special(), tf.reverse(special())), 5e-7, f.name);
  });

  it('leaves ints, bools and empty tensors to correct kernels', async () => {
    const ints = () => tf.tensor1d([3, -2, 7], 'int32');
    const bools = () => tf.tensor1d([true, false, true], 'bool');
    await expectAsCpu(() => [
      tf.add(ints(), ints()),
      tf.add(ints(), tf.tensor1d([0.5, 1, 2])),
      tf.mul(tf.cast(bools(), 'float32'), tf.tensor1d([2, 3, 4])),
      tf.sum(tf.cast(bools(), 'float32')),
      tf.sum(bools()),
      tf.relu(ints()),
      tf.logicalAnd(bools(), bools()),
      tf.where(bools(), tf.tensor1d([1, 2, 3]), tf.tensor1d([4, 5, 6])),
      tf.cast(ints(), 'float32'),
      tf.cast(tf.tensor1d([1.7, -2.2, 0]), 'int32'),
      tf.cast(tf.tensor1d([1.7, 0, 0]), 'bool'),
      tf.add(tf.zeros([0, 3]), tf.zeros([0, 3])),
      tf.relu(tf.zeros([0])),
      tf.sum(tf.zeros([0, 2]), 1),
    ]);
  });

  it('gives a float32 cast of bools values that native sums read right', async () => {
    const [sum] = await on('onednn', () =>
      tf.sum(tf.cast(tf.greater(tf.ones([1000]), 0), 'float32')),
    );
    expect(sum?.values).toEqual([1000]);
  });

  it('neither hands out its own buffers nor writes into its caller’s', async () => {
    await tf.setBackend('onednn');
    const mine = new Float32Array(1000).fill(1);
    tf.tidy(() => {
      const t = tf.tensor1d(mine);
      const shared = t.clone();
      const twice = tf.add(t, t);
      const seen = twice.dataSync();
      seen.fill(9);
      expect(twice.dataSync()[0]).toBe(2);
      t.dispose();
      expect(shared.dataSync()[5]).toBe(1);
    });
    tf.tidy(() => void tf.add(tf.ones([1000]), 1));
    expect(mine.every((v) => v === 1)).toBe(true);
  });

  it('keeps parts of a tensor that cpu kernels slice off it', async () => {
    await tf.setBackend('onednn');
    const part = tf.tidy(() => tf.slice(tf.add(tf.range(0, 4000), 1), [10, 0].slice(0, 1), [500]));
    const whole = tf.tidy(() => tf.unstack(tf.reshape(tf.add(tf.range(0, 4000), 1), [4, 1000])));
    const noise = tf.tidy(() => [1, 2, 3, 4].map(() => tf.add(tf.zeros([4000]), -1)));
    expect(part.dataSync()[0]).toBe(11);
    expect(whole[2]?.dataSync()[0]).toBe(2001);
    tf.dispose([part, ...whole, ...noise]);
  });
});
