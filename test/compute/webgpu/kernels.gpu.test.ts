import '@tensorflow/tfjs-backend-cpu';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import {
  add,
  backend,
  backend_util,
  Conv2DBackpropFilter,
  Conv2DBackpropInput,
  clone,
  concat,
  conv2d,
  dispose,
  engine,
  fill,
  fused,
  grad,
  maxPool,
  mean,
  memory,
  mul,
  randomNormal,
  relu,
  type Scalar,
  setBackend,
  sum,
  type Tensor,
  type Tensor1D,
  type Tensor4D,
  tidy,
  type Variable,
  variable,
  variableGrads,
  zeros,
} from '@tensorflow/tfjs-core';
import { layers, model } from '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { expect, it, onTestFinished, vi } from 'vitest';
import { batchNormalisation } from '../../../src/compute/webgpu/kernels/batch-normalisation.js';
import { filterGradient } from '../../../src/compute/webgpu/kernels/filter-gradient.js';
import { convolve, convolveBack } from '../../../src/compute/webgpu/kernels/gather-product.js';
import { moveTowards } from '../../../src/compute/webgpu/kernels/move-towards.js';
import { reluConvolution } from '../../../src/compute/webgpu/kernels/relu-convolution.js';
import { chooseSplit, tiles } from '../../../src/compute/webgpu/kernels/tiles.js';
import {
  type BatchNormalisation,
  composedNormalisation,
} from '../../../src/model/batch-normalisation.js';
import { ConvolutionLayer } from '../../../src/model/convolution.js';
import { composedMove, type MoveTowards } from '../../../src/model/move-towards.js';
import { relativeError } from '../../support/relative-error.js';
import { describeOnGpu, gpuTroubles } from './software-gpu.js';

type Shape = readonly number[];

/** The same normal values on every backend. */
async function values(on: string, f: (inputs: Tensor[]) => Tensor[], shapes: readonly Shape[]) {
  await setBackend(on);
  const outputs = tidy(() =>
    f(shapes.map((shape, index) => randomNormal([...shape], 0, 1, 'float32', index + 1))),
  );
  const read = await Promise.all(
    outputs.map(async (each) => ({ shape: each.shape, data: (await each.data()).slice() })),
  );
  for (const output of outputs) output.dispose();
  return read;
}

async function expectSame(
  shapes: readonly Shape[],
  onCpu: (inputs: Tensor[]) => Tensor[],
  onGpu = onCpu,
  within = 1e-5,
): Promise<void> {
  const expected = await values('cpu', onCpu, shapes);
  const tensors = memory().numTensors;
  const actual = await values('webgpu', onGpu, shapes);
  expect(memory().numTensors).toBe(tensors);
  for (const [index, { shape, data }] of actual.entries()) {
    expect(shape).toEqual(expected[index]!.shape);
    const wanted = expected[index]!.data as Float32Array;
    expect(relativeError(data as Float32Array, wanted), `output ${index}`).toBeLessThan(within);
  }
  expect(gpuTroubles).toEqual([]);
}

interface Convolution {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly filters: number;
  readonly taps: readonly [number, number];
  readonly stride: number;
  readonly pad: 'same' | 'valid';
}

function geometryOf(c: Convolution): backend_util.Conv2DInfo {
  return backend_util.computeConv2DInfo(
    [c.batch, c.height, c.width, c.channels],
    [...c.taps, c.channels, c.filters],
    c.stride,
    1,
    c.pad,
  );
}

/** y, dx and dw of one convolution, by the kernels that are registered. */
function convolutionAndGradients(c: Convolution) {
  const { inShape, filterShape } = geometryOf(c);
  const shared = { strides: c.stride, pad: c.pad, dataFormat: 'NHWC' };
  return ([x, filter, dy]: Tensor[]): Tensor[] => [
    conv2d(x as Tensor4D, filter as Tensor4D, c.stride, c.pad),
    engine().runKernel(
      Conv2DBackpropInput,
      { dy: dy!, filter: filter! },
      { ...shared, inputShape: inShape },
    ) as Tensor,
    engine().runKernel(
      Conv2DBackpropFilter,
      { x: x!, dy: dy! },
      { ...shared, filterShape },
    ) as Tensor,
  ];
}

function shapesOf(c: Convolution): Shape[] {
  const { inShape, filterShape, outShape } = geometryOf(c);
  return [inShape, filterShape, outShape];
}

const channelCounts = fc.constantFrom(1, 2, 3, 4, 8, 12, 17, 20);
const convolutions: fc.Arbitrary<Convolution> = fc.record({
  batch: fc.integer({ min: 1, max: 3 }),
  height: fc.integer({ min: 3, max: 9 }),
  width: fc.integer({ min: 3, max: 9 }),
  channels: channelCounts,
  filters: channelCounts,
  taps: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  stride: fc.integer({ min: 1, max: 3 }),
  pad: fc.constantFrom('same', 'valid'),
});

describeOnGpu('convolutions and their gradients on WebGPU', () => {
  it('are those of the cpu backend for any shape, stride and padding', async () => {
    await fc.assert(
      fc.asyncProperty(convolutions, (c) => expectSame(shapesOf(c), convolutionAndGradients(c))),
      { numRuns: 12, seed: 1 },
    );
  }, 240_000);

  it.each([
    { name: 'low', tile: tiles.low(32) },
    { name: 'middle', tile: tiles.middle(64) },
    { name: 'large', tile: tiles.large(64) },
  ])('are the same in a $name tile, cut off on both sides', async ({ tile }) => {
    const c = {
      batch: 2,
      height: 9,
      width: 11,
      channels: 12,
      filters: 68,
      taps: [3, 3],
      stride: 1,
      pad: 'same',
    } as const;
    await expectSame(shapesOf(c), convolutionAndGradients(c), ([x, filter, dy]) => {
      const webgpu = backend() as WebGPUBackend;
      const geometry = geometryOf(c);
      return [
        convolve(webgpu, x!, filter!, geometry, undefined, tile),
        convolveBack(webgpu, dy!, filter!, geometry, tile),
        filterGradient(webgpu, x!, dy!, geometry, tile),
      ].map((output) => engine().makeTensorFromTensorInfo(output));
    });
  }, 240_000);

  it('are the same where the summed dimension is split', async () => {
    const c = {
      batch: 2,
      height: 8,
      width: 8,
      channels: 32,
      filters: 8,
      taps: [3, 3],
      stride: 1,
      pad: 'same',
    } as const;
    expect(chooseSplit(4, 9 * 32).splits).toBeGreaterThan(1);
    await expectSame(shapesOf(c), convolutionAndGradients(c));
  }, 120_000);

  it('add a bias and cut off below zero on the way', async () => {
    for (const shapes of [
      [[2, 5, 7, 8], [3, 3, 8, 12], [12]],
      [[2, 5, 7, 3], [1, 1, 3, 1], [1]],
      [[1, 4, 4, 32], [3, 3, 32, 4], [4]], // split: the second pass does it
    ]) {
      await expectSame(shapes, ([x, filter, bias]) => [
        fused.conv2d({
          x: x as Tensor4D,
          filter: filter as Tensor4D,
          bias: bias as Tensor1D,
          strides: 1,
          pad: 'same',
          activation: 'relu',
        }),
      ]);
    }
  }, 120_000);
});

describeOnGpu('a layer that convolves, adds a bias and cuts off below zero, on WebGPU', () => {
  /** y and its gradients by filter, bias and, unless x is the network's own input, x. */
  function trainedOnce(isFirst: boolean) {
    return ([x, filter, bias, dy]: Tensor[]): Tensor[] => {
      const input = layers.input({ shape: x!.shape.slice(1) });
      const below = layers.activation({ activation: 'linear' }).apply(input) as typeof input;
      const layer = new ConvolutionLayer({
        filters: bias!.size,
        kernelSize: 3,
        padding: 'same',
        activation: 'relu',
      });
      const output = layer.apply(isFirst ? input : below) as typeof input;
      const network = model({ inputs: input, outputs: output });
      layer.setWeights([filter!, bias!]);
      const run = (image: Tensor) => network.apply(image, { training: true }) as Tensor;
      const loss = (image: Tensor) => sum(mul(run(image), dy!)) as Scalar;
      const { grads } = variableGrads(() => loss(x!));
      const byWeight = layer.weights.map((weight) => grads[(weight.read() as Variable).name]!);
      const results = [run(x!), ...byWeight, ...(isFirst ? [] : [grad(loss)(x!)])];
      network.dispose();
      return results;
    };
  }

  it('trains as its three parts do on the cpu backend', async () => {
    for (const isFirst of [true, false]) {
      for (const [channels, filters] of [
        [1, 8],
        [8, 4],
        [3, 5],
      ] as const) {
        const pixels = [2, 5, 7];
        await expectSame(
          [[...pixels, channels], [3, 3, channels, filters], [filters], [...pixels, filters]],
          trainedOnce(isFirst),
        );
      }
    }
  }, 120_000);

  it('is one kernel forward, and lets through what is no number', async () => {
    await setBackend('webgpu');
    const x = fill([1, 4, 4, 4], Number.NaN) as Tensor4D;
    const filter = zeros([3, 3, 4, 4]);
    const bias = zeros([4]);
    const dispatch = vi.spyOn(GPUComputePassEncoder.prototype, 'dispatchWorkgroups');
    onTestFinished(() => dispatch.mockRestore());
    const y = reluConvolution.forward(x, filter, bias);
    const dispatches = dispatch.mock.calls.length;
    expect([...(await y.data())].every(Number.isNaN)).toBe(true);
    expect(dispatches).toBe(1);
    dispose([x, filter, bias, y]);
  });
});

describeOnGpu('batch normalisation on WebGPU', () => {
  it('and its gradients are those of plain kernels on the cpu backend', async () => {
    // One pass of sums, and two; four channels at a time, and one.
    for (const shape of [
      [2, 3, 4, 8],
      [2, 9, 8, 20],
      [3, 5, 7, 3],
    ]) {
      const channels = [shape.at(-1)!];
      const all =
        (normalisation: BatchNormalisation) =>
        ([image, dy, scale, offset]: Tensor[]) => {
          // Far from 0, where a variance as a difference of squares would lose its digits.
          const x = add(mul(image!, 0.1), 10) as Tensor4D;
          const { y, mean, variance } = normalisation.forward(x, scale!, offset!, 1e-3);
          const by = normalisation.gradient(dy as Tensor4D, x, scale!, mean, variance, 1e-3);
          return [y, mean, variance, by.x, by.scale, by.offset];
        };
      const shapes = [shape, shape, channels, channels];
      // What one value's rounding does to a normalised one: 10 * 2^-24 / 0.1.
      await expectSame(shapes, all(composedNormalisation), all(batchNormalisation), 1e-4);
    }
  }, 120_000);
});

describeOnGpu('moving averages on WebGPU', () => {
  it('come in place as from plain kernels, and leave a clone alone', async () => {
    const sizes = [3, 64, 1, 300, 8, 17, 2, 5, 40];
    const moved = async (on: string, move: MoveTowards) => {
      await setBackend(on);
      const pairs = sizes.map((size, index) => ({
        average: variable(randomNormal([size], 0, 1, 'float32', index + 1)),
        value: randomNormal([size], 0, 1, 'float32', index + 100),
      }));
      const kept = clone(pairs[0]!.average);
      // Two shares before anything has run: neither may count for the other.
      move(pairs, 0.25);
      move(pairs, 0.5);
      const tensors = [...pairs.map(({ average }) => average), kept];
      const read = await Promise.all(tensors.map(async (each) => (await each.data()).slice()));
      for (const { average, value } of pairs) dispose([average, value]);
      kept.dispose();
      return read as Float32Array[];
    };
    const expected = await moved('cpu', composedMove);
    const actual = await moved('webgpu', moveTowards);
    for (const [index, values] of actual.entries()) {
      expect(relativeError(values, expected[index]!), `${index}`).toBeLessThan(1e-6);
    }
    expect(gpuTroubles).toEqual([]);
  });
});

describeOnGpu('passes over activations on WebGPU', () => {
  it('give the gradient of 2x2 max pooling to the first largest', async () => {
    for (const channels of [1, 3, 4, 8]) {
      const shape = [2, 6, 10, channels];
      await expectSame([shape, [2, 3, 5, channels]], ([x, dy]) => [
        grad((t) => maxPool(t as Tensor4D, 2, 2, 'valid'))(relu(x!), dy!),
      ]);
    }
    // Left to the backend's own kernel.
    await expectSame(
      [
        [1, 7, 9, 2],
        [1, 3, 4, 2],
      ],
      ([x, dy]) => [grad((t) => maxPool(t as Tensor4D, 3, 2, 'valid'))(x!, dy!)],
    );
  }, 120_000);

  it('sum and average all but the last axis', async () => {
    for (const shape of [
      [2, 9, 8, 4],
      [3, 5, 7],
      [40, 68],
      [1, 1, 1, 8],
      [3, 30, 30, 1],
    ]) {
      const leading = shape.slice(0, -1).map((_, axis) => axis);
      await expectSame([shape], ([x]) => [
        sum(x!, leading),
        sum(x!, leading, true),
        mean(x!, leading),
        sum(x!, -1),
        sum(concat([x!, x!], 0)),
      ]);
    }
  }, 120_000);
});
