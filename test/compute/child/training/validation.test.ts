import { beforeAll, expect, it } from 'vitest';
import { Validation } from '../../../../src/compute/child/training/validation.js';
import { recipes } from '../../../../src/model/recipe.js';
import { fromModelFiles, toModelFiles } from '../../../../src/model/serialise.js';
import { buildUNet } from '../../../../src/model/unet.js';
import { useCpuBackend } from '../../../support/cpu-backend.js';

const size = { height: 16, width: 16 };
const pixels = 256;
const run = { size, normalisation: { mean: 0, std: 1 }, recipe: recipes.fast };

beforeAll(useCpuBackend);

/** All weights 0: every probability is exactly 1/2, so what comes out can be worked out by hand. */
async function halves() {
  const built = buildUNet({ size, filters: 1, initializer: 'heNormal', seed: 1 });
  if (!built.ok) throw new Error(built.failure.message);
  const files = await toModelFiles(built.value);
  return fromModelFiles({ ...files, weights: new Uint8Array(files.weights.length) });
}

const images = (count: number) => new Uint8Array(count * pixels);

it('keeps the soft batch Dice and the Dice of each image apart', async () => {
  const validation = new Validation(await halves(), run);
  // One image with a full mask, one with an empty one.
  const masks = images(2).fill(1, 0, pixels);
  await validation.add({ count: 2, images: images(2), masks });
  const { dice, imageDice } = validation.result()!;
  // Soft: overlap 128, areas 256 and 256, over the batch as a whole.
  expect(dice).toBeCloseTo((2 * 128 + 1) / (256 + 256 + 1), 10);
  // Thresholded at 1/2 all is foreground: 1 for the first image, 0 for the second.
  expect(imageDice).toBe(0.5);
});

it('weighs each batch by its images', async () => {
  const validation = new Validation(await halves(), run);
  await validation.add({ count: 3, images: images(3), masks: images(3).fill(1) });
  await validation.add({ count: 1, images: images(1), masks: images(1) });
  const full = (2 * 384 + 1) / (768 + 384 + 1);
  const empty = 1 / (128 + 1);
  expect(validation.result()!.dice).toBeCloseTo((3 * full + empty) / 4, 10);
  expect(validation.result()!.imageDice).toBe(0.75);
});

it('has no figure before there is an image', async () => {
  expect(new Validation(await halves(), run).result()).toBeNull();
});
