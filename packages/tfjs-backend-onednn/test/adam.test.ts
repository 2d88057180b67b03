import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { adamStep, OnednnAdam } from '../src/index.js';
import { available, difference, filled } from './support.js';

const shapes = [[3], [5, 7], [3, 3, 16, 16]];

/** Runs an optimizer over made-up gradients; returns its variables' values. */
function run(optimizer: tf.Optimizer, from: number, to: number, start?: number[][]): number[][] {
  const variables = shapes.map((shape, i) =>
    tf.variable(start ? tf.tensor(start[i]!, shape) : filled(shape, i + 1), true, `adam-test-${i}`),
  );
  for (let step = from; step < to; step++)
    tf.tidy(() =>
      optimizer.applyGradients(
        variables.map((v, i) => ({ name: v.name, tensor: filled(shapes[i]!, step * 10 + i) })),
      ),
    );
  const values = variables.map((v) => Array.from(v.dataSync()));
  tf.dispose(variables);
  return values;
}

describe.skipIf(!available)('OnednnAdam', () => {
  it('has the numbers of tf.train.adam', async () => {
    await tf.setBackend('cpu');
    const expected = run(tf.train.adam(0.01, 0.8, 0.99, 1e-6), 0, 12);
    await tf.setBackend('onednn');
    const actual = run(new OnednnAdam(0.01, 0.8, 0.99, 1e-6), 0, 12);
    for (const [i, e] of expected.entries()) expect(difference(actual[i]!, e)).toBeLessThan(1e-6);
  });

  it('goes on from state that it or tf.train.adam saved', async () => {
    await tf.setBackend('onednn');
    const whole = run(new OnednnAdam(0.01), 0, 10);
    for (const make of [() => new OnednnAdam(0.01), () => tf.train.adam(0.01)]) {
      const first = make();
      const half = run(first, 0, 5);
      const second = new OnednnAdam(0.01);
      const saved = await first.getWeights();
      expect(saved).toHaveLength(1 + 2 * shapes.length);
      await second.setWeights(saved.map(({ name, tensor }) => ({ name, tensor: tensor.clone() })));
      const resumed = run(second, 5, 10, half);
      for (const [i, w] of whole.entries()) expect(difference(resumed[i]!, w)).toBeLessThan(1e-6);
    }
  });

  it('leaves clones and the arrays variables were made from as they were', async () => {
    await tf.setBackend('onednn');
    const mine = new Float32Array(2000).fill(1);
    const variable = tf.variable(tf.tensor1d(mine), true, 'adam-test-clone');
    const before = variable.clone();
    const optimizer = new OnednnAdam(0.1);
    for (let i = 0; i < 3; i++) {
      const seen = variable.clone();
      const was = seen.dataSync()[7];
      tf.tidy(() => optimizer.applyGradients([{ name: variable.name, tensor: tf.ones([2000]) }]));
      expect(seen.dataSync()[7]).toBe(was);
      expect(variable.dataSync()[7]).toBeLessThan(was!);
      seen.dispose();
    }
    expect(before.dataSync()[7]).toBe(1);
    expect(mine[7]).toBe(1);
    tf.dispose([variable, before]);
    optimizer.dispose();
  });

  it('minimises, keeps its config and counts its steps', async () => {
    await tf.setBackend('onednn');
    const x = tf.variable(tf.scalar(3), true, 'adam-test-minimum');
    const optimizer = new OnednnAdam(0.1);
    for (let i = 0; i < 200; i++) optimizer.minimize(() => tf.square(x) as tf.Scalar);
    expect(Math.abs(x.dataSync()[0]!)).toBeLessThan(0.05);
    expect(optimizer.iterations).toBe(200);
    expect(optimizer.getConfig()).toMatchObject({ learningRate: 0.1, beta1: 0.9, beta2: 0.999 });
    expect(optimizer.getClassName()).toBe('Adam');
    x.dispose();
    optimizer.dispose();
  });

  it('says what is wrong with bad arguments', async () => {
    await tf.setBackend('onednn');
    const zeros = (n: number) => tf.variable(tf.zeros([n]));
    const [value, moment] = [zeros(4), zeros(4)];
    const options = {
      learningRate: 1,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-7,
      beta1Power: 0.9,
      beta2Power: 0.999,
    };
    const step = (gradient: tf.Tensor) =>
      adamStep([{ value, gradient, firstMoment: moment, secondMoment: moment }], options);
    expect(() => step(tf.zeros([5]))).toThrow(/has to be|have to be/);
    const gone = tf.zeros([4]);
    gone.dispose();
    expect(() => step(gone)).toThrow(/disposed/);
    await tf.setBackend('cpu');
    expect(() => step(tf.zeros([4]))).toThrow(/onednn backend/);
  });
});
