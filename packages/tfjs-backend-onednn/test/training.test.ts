import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { afterAll, describe, expect, it } from 'vitest';
import {
  OnednnAdam,
  setPrecision,
  setThreads,
  setWinograd,
  supportsBf16,
  threads,
} from '../src/index.js';
import { available, values } from './support.js';

const [Batch, Height, Width] = [2, 8, 12];

/** A U-Net of two levels, with every kind of layer that the big one has. */
function smallUnet(): tfl.LayersModel {
  let seed = 1;
  const initializer = () => tfl.initializers.glorotUniform({ seed: seed++ });
  const conv = (x: tf.SymbolicTensor, filters: number) =>
    tfl.layers
      .conv2d({
        filters,
        kernelSize: 3,
        padding: 'same',
        activation: 'relu',
        kernelInitializer: initializer(),
      })
      .apply(x) as tf.SymbolicTensor;
  const input = tfl.input({ shape: [Height, Width, 1] });
  const skip = conv(conv(input, 16), 16);
  const down = tfl.layers.maxPooling2d({ poolSize: 2 }).apply(skip) as tf.SymbolicTensor;
  const bottom = conv(conv(down, 32), 32);
  const up = tfl.layers
    .conv2dTranspose({
      filters: 16,
      kernelSize: 2,
      strides: 2,
      padding: 'same',
      kernelInitializer: initializer(),
    })
    .apply(bottom) as tf.SymbolicTensor;
  const joined = tfl.layers.concatenate({ axis: 3 }).apply([up, skip]) as tf.SymbolicTensor;
  const output = tfl.layers
    .conv2d({
      filters: 1,
      kernelSize: 1,
      activation: 'sigmoid',
      kernelInitializer: initializer(),
    })
    .apply(conv(conv(joined, 16), 16)) as tf.SymbolicTensor;
  return tfl.model({ inputs: input, outputs: output });
}

function loss(target: tf.Tensor, predicted: tf.Tensor): tf.Scalar {
  const overlap = tf.sum(tf.mul(target, predicted));
  const total = tf.add(tf.sum(target), tf.sum(predicted));
  return tf.neg(tf.div(tf.add(tf.mul(overlap, 2), 1), tf.add(total, 1)));
}

async function losses(
  backend: string,
  steps: number,
  makeOptimizer: () => tf.Optimizer,
): Promise<number[]> {
  await tf.setBackend(backend);
  const model = smallUnet();
  const optimizer = makeOptimizer();
  const shape: [number, number, number, number] = [Batch, Height, Width, 1];
  const x = tf.tensor4d(values(shape, 1), shape);
  const y = tf.tensor4d(
    values(shape, 1).map((v) => (v > 0.3 ? 1 : 0)),
    shape,
  );
  const result: number[] = [];
  for (let i = 0; i < steps; i++)
    result.push(
      tf.tidy(() => {
        const { value, grads } = tf.variableGrads(() =>
          loss(y, model.apply(x, { training: true }) as tf.Tensor),
        );
        optimizer.applyGradients(grads);
        return value.dataSync()[0]!;
      }),
    );
  optimizer.dispose();
  model.dispose();
  tf.dispose([x, y]);
  return result;
}

// Small kernels on a busy machine spend their time waiting for the second thread.
const timeout = 120_000;

describe.skipIf(!available)('training a U-Net', () => {
  const all = available ? threads() : 1;

  afterAll(() => {
    setThreads(all);
    setWinograd(true);
    setPrecision('float32');
  });

  it(
    'has the losses of the cpu backend over ten steps',
    async () => {
      const expected = await losses('cpu', 10, () => tf.train.adam(1e-3));
      expect(expected[9]).toBeLessThan(expected[0]!);
      for (const winograd of [true, false]) {
        setWinograd(winograd);
        for (const adam of [() => new OnednnAdam(1e-3), () => tf.train.adam(1e-3)]) {
          const actual = await losses('onednn', 10, adam);
          expected.forEach((e, i) => {
            expect(Math.abs(actual[i]! - e) / Math.abs(e), `step ${i}`).toBeLessThan(1e-5);
          });
        }
      }
    },
    timeout,
  );

  it.skipIf(!supportsBf16())(
    'learns as well in bf16',
    async () => {
      setWinograd(true);
      setPrecision('float32');
      setThreads(1);
      const exact = await losses('onednn', 60, () => new OnednnAdam(2e-3));
      setPrecision('bf16');
      const rounded = await losses('onednn', 60, () => new OnednnAdam(2e-3));
      setPrecision('float32');
      expect(rounded[0]).toBeCloseTo(exact[0]!, 2);
      expect(Math.abs(rounded[59]! - exact[59]!)).toBeLessThan(0.05);
      expect(rounded[59]).toBeLessThan(rounded[0]! - 0.1);
    },
    timeout,
  );

  it(
    'keeps the number of tensors and the pool constant over 1,000 steps',
    async () => {
      await tf.setBackend('onednn');
      setThreads(1);
      const model = tfl.sequential({
        layers: [
          tfl.layers.conv2d({
            inputShape: [8, 8, 1],
            filters: 16,
            kernelSize: 3,
            padding: 'same',
            activation: 'relu',
          }),
          tfl.layers.maxPooling2d({ poolSize: 2 }),
          tfl.layers.conv2dTranspose({ filters: 16, kernelSize: 2, strides: 2 }),
          tfl.layers.conv2d({ filters: 1, kernelSize: 1, activation: 'sigmoid' }),
        ],
      });
      const optimizer = new OnednnAdam(1e-3);
      const x = tf.tensor4d(values([2, 8, 8, 1], 1), [2, 8, 8, 1]);
      const y = tf.zerosLike(x);
      const step = () =>
        tf.tidy(() => {
          const { value, grads } = tf.variableGrads(() =>
            loss(y, model.apply(x, { training: true }) as tf.Tensor),
          );
          optimizer.applyGradients(grads);
          return value.dataSync()[0]!;
        });
      const memory = () => {
        const { numTensors, numBytes } = tf.memory();
        const { numBytesInPool } = tf.memory() as unknown as { numBytesInPool: number };
        return { numTensors, numBytes, numBytesInPool, dataIds: tf.backend().numDataIds() };
      };
      for (let i = 0; i < 5; i++) step();
      const before = memory();
      for (let i = 0; i < 1000; i++) step();
      expect(memory()).toEqual(before);
      optimizer.dispose();
      model.dispose();
      tf.dispose([x, y]);
    },
    timeout,
  );
});
