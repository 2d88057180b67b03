import { type Tensor, type Tensor4D, tensor, tidy, zeros } from '@tensorflow/tfjs-core';
import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { fromModelFiles, toModelFiles } from '../../src/model/serialise.js';
import { applyNetwork, buildUNet, logitsOf, type UNetOptions } from '../../src/model/unet.js';
import { useCpuBackend } from '../support/cpu-backend.js';

const tiny: UNetOptions = {
  size: { height: 16, width: 32 },
  filters: 2,
  initializer: 'heNormal',
  seed: 7,
};

function built(options: Partial<UNetOptions> = {}) {
  const result = buildUNet({ ...tiny, ...options });
  if (!result.ok) throw new Error(result.failure.message);
  return result.value;
}

async function weightsOf(options: Partial<UNetOptions> = {}): Promise<number[][]> {
  const unet = built(options);
  const values = await Promise.all(unet.getWeights().map((weight) => weight.data()));
  unet.dispose();
  return values.map((data) => [...data]);
}

beforeAll(useCpuBackend);

describe('the U-Net', () => {
  it("has the tutorial's 7,759,521 parameters with 32 filters", () => {
    const unet = built({ filters: 32, size: { height: 64, width: 80 } });
    expect(unet.countParams()).toBe(7_759_521);
    unet.dispose();
  });

  it("is wired as the tutorial's: two convolutions a level, then up beside what came down", () => {
    const unet = built({ filters: 32, size: { height: 64, width: 80 } });
    const kernels = unet.getWeights().flatMap(({ shape }) => (shape.length === 4 ? [shape] : []));
    const pair = (from: number, to: number) => [
      [3, 3, from, to],
      [3, 3, to, to],
    ];
    const up = (from: number, to: number) => [[2, 2, to, from], ...pair(from, to)];
    expect(kernels).toEqual([
      ...[...pair(1, 32), ...pair(32, 64), ...pair(64, 128), ...pair(128, 256), ...pair(256, 512)],
      ...[...up(512, 256), ...up(256, 128), ...up(128, 64), ...up(64, 32)],
      [1, 1, 32, 1],
    ]);
    for (const level of [1, 2, 3, 4]) {
      const joined = unet.getLayer(`join${level}`).input as SymbolicTensor[];
      const names = joined.map(({ sourceLayer }) => sourceLayer.name);
      expect(names).toEqual([`up${level}`, `down${level}b`]);
    }
    unet.dispose();
  });

  it('gives a probability for every pixel', async () => {
    const unet = built();
    const output = tidy(() => unet.apply(zeros([3, 16, 32, 1])) as Tensor);
    expect(output.shape).toEqual([3, 16, 32, 1]);
    // Zero images through zero biases: every logit is 0.
    expect(new Set(await output.data())).toEqual(new Set([0.5]));
    unet.dispose();
  });

  it('begins at the probability asked for', async () => {
    const unet = built({ initialProbability: 0.01 });
    const output = tidy(() => unet.apply(zeros([1, 16, 32, 1])) as Tensor);
    for (const value of await output.data()) expect(value).toBeCloseTo(0.01, 6);
    unet.dispose();
  });

  it('shares its weights with the network that ends at the logits', async () => {
    const unet = built();
    const logits = logitsOf(unet);
    const images = tensor(
      Array.from({ length: 512 }, (_, index) => Math.sin(index)),
      [1, 16, 32, 1],
    );
    const probabilities = await (unet.apply(images) as Tensor).data();
    const scores = await (logits.apply(images) as Tensor).data();
    for (const [index, score] of scores.entries()) {
      expect(probabilities[index]).toBeCloseTo(1 / (1 + Math.exp(-score)), 6);
    }
  });

  it('starts from the same weights for the same seed, from others for another', async () => {
    const first = await weightsOf();
    expect(await weightsOf()).toEqual(first);
    expect(await weightsOf({ seed: 8 })).not.toEqual(first);
  });

  it('draws the weights of two layers of one shape from different streams', () => {
    const unet = built();
    const merge2b = unet.getLayer('merge2b').getWeights()[0]!;
    const down2b = unet.getLayer('down2b').getWeights()[0]!;
    expect(merge2b.shape).toEqual(down2b.shape);
    expect(merge2b.dataSync()).not.toEqual(down2b.dataSync());
  });

  it.each([
    { height: 64, width: 81 },
    { height: 0, width: 16 },
    { height: 8, width: 16 },
  ])('says which sizes it takes instead of building $height x $width', (size) => {
    expect(buildUNet({ ...tiny, size })).toMatchObject({
      ok: false,
      failure: { code: 'SIZE_NOT_DIVISIBLE' },
    });
  });
});

describe('with batch normalisation and presence', () => {
  const all = { blockNormalisation: 'batch', presenceWeight: 0.2 } as const;

  it('follows each 3x3 convolution with a normalisation and tells presence beside the mask', () => {
    const unet = built(all);
    const norms = unet.layers.filter((layer) => layer.getClassName() === 'BatchNormalization');
    expect(norms).toHaveLength(18);
    const images = zeros([3, 16, 32, 1]) as Tensor4D;
    const { mask, presence } = applyNetwork(unet, images);
    expect(mask.shape).toEqual([3, 16, 32, 1]);
    expect(presence?.shape).toEqual([3, 1]);
    const scores = applyNetwork(logitsOf(unet), images);
    const logit = scores.presence!.dataSync()[0]!;
    expect(presence!.dataSync()[0]).toBeCloseTo(1 / (1 + Math.exp(-logit)), 6);
    unet.dispose();
  });

  it('predicts the same, bit for bit, when read back from its files', async () => {
    const unet = built(all);
    const images = tensor(
      Array.from({ length: 512 }, (_, index) => Math.sin(index)),
      [1, 16, 32, 1],
    ) as Tensor4D;
    for (let step = 0; step < 3; step++) unet.apply(images, { training: true });
    const again = await fromModelFiles(await toModelFiles(unet));
    const [first, second] = [applyNetwork(unet, images), applyNetwork(again, images)];
    expect(second.mask.dataSync()).toEqual(first.mask.dataSync());
    expect(second.presence!.dataSync()).toEqual(first.presence!.dataSync());
  });
});
