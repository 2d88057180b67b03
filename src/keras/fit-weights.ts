import { networkOf, type Weight } from '../model/network-layers.js';
import type { ModelFiles } from '../model/serialise.js';
import { type UNetShape, unetTopology } from '../model/unet-topology.js';
import type { GridSize } from '../operators/image.js';
import { fail, ok, type Result } from '../operators/result.js';
import { type ExpectedLayer, expectedWeights } from './expected-weights.js';
import { kernelOf } from './kernels.js';
import type { KerasLayer, KerasWeights } from './weights-file.js';

/** At most so many layers are named. */
const mostNamed = 12;

/**
 * Which U-Net a weights file seems to be of: told by how many layers of which kind have weights, and by
 * the first one's filters.
 */
export function shapeOf({ layers }: KerasWeights, size: GridSize): UNetShape {
  const withTwo = layers.filter(({ weights }) => weights.length === 2);
  const hasNormalisation = layers.some(({ weights }) => weights.length === 4);
  const isRepeating = withTwo.length <= 20;
  return {
    size,
    filters: withTwo[0]?.weights.at(-1)?.shape[0] ?? 32,
    blockNormalisation: hasNormalisation ? 'batch' : 'none',
    presenceWeight: withTwo.length === 24 || withTwo.length === 20 ? 1 : 0,
    enlarging: isRepeating ? 'repeated-pixels' : 'transposed-convolution',
  };
}

/**
 * Weights in their places in a U-Net. Layers correspond by their order, as Keras itself loads them; those
 * without weights do not count. Fails with `WEIGHTS_DO_NOT_FIT`, which says it layer by layer.
 */
export function fitWeights(
  file: KerasWeights,
  shape: UNetShape,
): Result<ModelFiles, 'WEIGHTS_DO_NOT_FIT'> {
  const topology = unetTopology(shape);
  const none = { topology, weightSpecs: [], weights: new Uint8Array(0) };
  const network = networkOf(none);
  if (!network.ok) throw new Error(network.failure.message);
  const expected = expectedWeights(network.value);
  const found = file.layers.filter(({ weights }) => weights.length > 0);
  const isFlipped = isOfTheano(file);
  const problems: string[] = [];
  const placed: { readonly name: string; readonly weight: Weight }[] = [];
  for (let at = 0; at < Math.max(expected.length, found.length); at++) {
    const fitted = fitLayer(expected[at], found[at], isFlipped);
    if (typeof fitted === 'string') problems.push(`layer ${at + 1} ${fitted}`);
    else placed.push(...fitted);
  }
  if (problems.length > 0) {
    const more = problems.length > mostNamed ? `; and ${problems.length - mostNamed} more` : '';
    return fail('WEIGHTS_DO_NOT_FIT', `${problems.slice(0, mostNamed).join('; ')}${more}`);
  }
  return ok({
    topology,
    weightSpecs: placed.map(({ name, weight }) => ({
      name,
      shape: [...weight.shape],
      dtype: 'float32',
    })),
    weights: joined(placed.map(({ weight }) => weight.values)),
  });
}

/** TensorFlow's variables are called `...:0`; Theano's are not. */
function isOfTheano({ backend, layers }: KerasWeights): boolean {
  if (backend !== null) return backend === 'theano';
  const [first] = layers.flatMap(({ weights }) => weights);
  return first !== undefined && !/:\d+$/.test(first.name);
}

/** Its weights by the names that TensorFlow.js has for them, or what is wrong. */
function fitLayer(
  expected: ExpectedLayer | undefined,
  found: KerasLayer | undefined,
  isFlipped: boolean,
): { readonly name: string; readonly weight: Weight }[] | string {
  if (expected === undefined) return `${found!.name} has no place in the network`;
  if (found === undefined) {
    return `${expected.name} (${shapesOf(expected.weights)}) is missing from the file`;
  }
  const fitted = expected.weights.map(({ name, shape }, at) => {
    const weight = found.weights[at];
    if (weight === undefined || found.weights.length !== expected.weights.length) return null;
    const placed =
      name === 'kernel'
        ? kernelOf(weight, expected.kind as 'Conv2D' | 'Conv2DTranspose', shape, isFlipped)
        : isSame(weight.shape, shape)
          ? weight
          : null;
    return placed && { name: `${expected.name}/${name}`, weight: placed };
  });
  const weights = fitted.filter((each) => each !== null);
  if (weights.length === expected.weights.length) return weights;
  return `${found.name}: expected ${shapesOf(expected.weights)} (${expected.name}), found ${shapesOf(found.weights)}`;
}

function shapesOf(weights: readonly { readonly shape: readonly number[] }[]): string {
  return weights.map(({ shape }) => shape.join('x')).join(' and ');
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((extent, at) => extent === b[at]);
}

function joined(values: readonly Float32Array[]): Uint8Array {
  const all = new Float32Array(values.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const each of values) {
    all.set(each, at);
    at += each.length;
  }
  return new Uint8Array(all.buffer);
}
