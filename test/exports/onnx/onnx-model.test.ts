import { InferenceSession, Tensor } from 'onnxruntime-node';
import { beforeAll, describe, expect, it } from 'vitest';
import { LoadedNetwork } from '../../../src/compute/child/loaded-network.js';
import { onnxModel } from '../../../src/exports/onnx/onnx-model.js';
import { postProcessingOfCard } from '../../../src/model/card.js';
import { type Recipe, recipes } from '../../../src/model/recipe.js';
import type { GreyImage, GridSize } from '../../../src/operators/image.js';
import {
  type PostProcessing,
  postProcess,
  thresholdOnly,
} from '../../../src/operators/post-processing.js';
import { resizeImage } from '../../../src/operators/resize.js';
import { resizeProbabilities } from '../../../src/operators/resize-probabilities.js';
import { randomFrom } from '../../../src/operators/seeded-random.js';
import { readMembers } from '../../../src/store/ensemble-folder.js';
import { useCpuBackend } from '../../support/cpu-backend.js';
import { randomModel, saved } from '../../support/random-model.js';
import { repeatedPixelsFiles } from '../../support/repeated-pixels.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

beforeAll(useCpuBackend);
const modelsFolder = temporaryFolder();

const size = { height: 32, width: 48 };
const small = { filters: 2, initialProbability: 0.5 };
const kinds: Readonly<Record<string, Recipe>> = {
  tutorial: { ...recipes.tutorial, ...small },
  default: { ...recipes.default, ...small },
  fast: { ...recipes.fast, ...small },
  best: { ...recipes.best, ...small },
  'local-contrast': { ...recipes.default, ...small, imageNormalisation: 'local-contrast' },
};
/** Larger, smaller, larger one way and smaller the other, and as the network has it. */
const grids: readonly GridSize[] = [
  { height: 210, width: 290 },
  { height: 20, width: 31 },
  { height: 97, width: 40 },
  size,
];

/** A bright spot on noise. */
function picture({ height, width }: GridSize, name: string): GreyImage {
  const random = randomFrom(3, name);
  const data = Uint8Array.from({ length: height * width }, (_, at) => {
    const [y, x] = [Math.floor(at / width) / height - 0.6, (at % width) / width - 0.4];
    return Math.min(255, 40 + random() * 90 + (x * x + y * y < 0.03 ? 110 : 0));
  });
  return { height, width, data };
}

interface Answer {
  readonly mask: Uint8Array;
  readonly probability: Float32Array;
  readonly presence: number | undefined;
}

async function ourAnswer(
  network: LoadedNetwork,
  settings: PostProcessing,
  image: GreyImage,
): Promise<Answer> {
  const { data } = await resizeImage(image, size);
  const { probabilities, presence } = await network.predict({ count: 1, images: data });
  return {
    mask: postProcess(probabilities, size, image, settings, presence?.[0]).mask,
    probability: resizeProbabilities(probabilities, size, image),
    presence: presence?.[0],
  };
}

async function theirAnswer(session: InferenceSession, images: readonly GreyImage[]) {
  const { height, width } = images[0]!;
  const pixels = Buffer.concat(images.map(({ data }) => data));
  const image = new Tensor('uint8', Uint8Array.from(pixels), [images.length, 1, height, width]);
  const { mask, probability, presence } = await session.run({ image });
  expect(mask!.dims).toEqual([images.length, 1, height, width]);
  const area = height * width;
  return images.map((_, at) => ({
    mask: (mask!.data as Uint8Array).subarray(at * area, (at + 1) * area),
    probability: (probability!.data as Float32Array).subarray(at * area, (at + 1) * area),
    presence: presence && (presence.data as Float32Array)[at],
  }));
}

async function exported(folder: string, settings?: PostProcessing) {
  const read = await readMembers(folder);
  if (read.status !== 'found') throw new Error(read.status);
  const model = await onnxModel(read.value.card, read.value.members, settings);
  if (!model.ok) throw new Error(model.failure.message);
  return model.value;
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, at) => Math.max(most, Math.abs(value - b[at]!)), 0);
}

describe.each([
  ...Object.entries(kinds),
  ['of 2016', kinds.tutorial!] as const,
])('a model of recipe %s as ONNX', (name, recipe) => {
  const models = async () => {
    const seeds = name === 'best' ? [1, 2, 3] : [1];
    const made = [];
    for (const seed of seeds) {
      const modelId = `${name.replace(' ', '-')}-${seed}`;
      const card = { modelId, folder: `model-${modelId}` };
      const model = await randomModel(modelsFolder, { recipe, size, seed }, card);
      made.push(name === 'of 2016' ? { ...model, files: repeatedPixelsFiles(size, 4) } : model);
    }
    return await saved(modelsFolder, made);
  };

  it('draws our masks in onnxruntime, whatever size the images have', async () => {
    const { folder } = await models();
    const network = new LoadedNetwork();
    await network.load(folder);
    // Where half of the pixels are foreground, as many as can be are near the threshold.
    const { probability } = await ourAnswer(network, thresholdOnly(0.5), picture(size, 'one'));
    const settings = thresholdOnly(probability.sort()[probability.length / 2]!);
    const { pieces } = await exported(folder, settings);
    const session = await InferenceSession.create(Buffer.concat(pieces));
    let pixels = 0;
    let foreground = 0;
    let different = 0;
    for (const grid of grids) {
      const images = ['one', 'two'].map((which) => picture(grid, which));
      const theirs = await theirAnswer(session, images);
      for (const [at, image] of images.entries()) {
        const ours = await ourAnswer(network, settings, image);
        expect(largestDifference(ours.probability, theirs[at]!.probability)).toBeLessThan(2e-6);
        if (ours.presence === undefined) expect(theirs[at]!.presence).toBeUndefined();
        else expect(theirs[at]!.presence).toBeCloseTo(ours.presence, 5);
        pixels += ours.mask.length;
        ours.mask.forEach((value, index) => {
          foreground += value;
          if (value !== theirs[at]!.mask[index]) different++;
        });
      }
    }
    network.drop();
    expect(Math.abs(foreground / pixels - 0.5)).toBeLessThan(0.4);
    expect(different / pixels).toBeLessThan(1e-4);
  });
});

describe('what ONNX says and leaves out', () => {
  it('shuts the gate on the same images as we do', async () => {
    const recipe = kinds.default!;
    const folderName = 'model-gated';
    const model = await randomModel(modelsFolder, { recipe, size }, { folder: folderName });
    const { folder, card } = await saved(modelsFolder, [model]);
    const network = new LoadedNetwork();
    await network.load(folder);
    const images = ['a', 'b', 'c', 'd'].map((name) => picture({ height: 60, width: 90 }, name));
    const evidence: number[] = [];
    for (const image of images) {
      const { data } = await resizeImage(image, size);
      const { probabilities, presence } = await network.predict({ count: 1, images: data });
      const sure = probabilities.filter((value) => value >= card.threshold);
      evidence.push(
        (presence![0]! + sure.reduce((sum, value) => sum + value, 0) / sure.length) / 2,
      );
    }
    const between =
      [...evidence]
        .sort()
        .slice(1, 3)
        .reduce((sum, value) => sum + value, 0) / 2;
    const gated = { ...postProcessingOfCard(card), presenceThreshold: between };
    const session = await InferenceSession.create(
      Buffer.concat((await exported(folder, gated)).pieces),
    );
    const theirs = await theirAnswer(session, images);
    expect(theirs.map(({ mask }) => mask.includes(1))).toEqual(evidence.map((it) => it >= between));
    network.drop();
  });

  it('tells what is done to a mask that the graph cannot hold, and where the model comes from', async () => {
    const model = await randomModel(
      modelsFolder,
      { size: { height: 16, width: 16 } },
      {
        folder: 'model-cleaned',
        postProcessing: {
          threshold: 0.4,
          presenceThreshold: null,
          leastArea: 0.002,
          fillHoles: true,
          largestComponents: 1,
        },
      },
    );
    const { folder, card } = await saved(modelsFolder, [model]);
    const { leftOut, pieces } = await exported(folder);
    expect(leftOut.join()).toMatch(/fillHoles.*largestComponents 1.*leastArea 0.002/);
    const text = Buffer.concat(pieces).toString('latin1');
    for (const fact of [card.modelId, 'imageDice', 'leastArea 0.002']) expect(text).toContain(fact);
  });
});
