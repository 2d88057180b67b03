import { describe, expect, it } from 'vitest';
import { augmentBatch } from '../../../../src/compute/child/training/augment-batch.js';
import { recipes } from '../../../../src/model/recipe.js';
import { brightBoxes } from '../../../support/bright-boxes.js';

const size = { height: 16, width: 32 };
const run = { size, recipe: recipes.default, seed: 3 };

function augmented(epoch: number, step: number, changes: Partial<typeof run> = {}) {
  const batch = brightBoxes(6, size);
  augmentBatch(batch, { ...run, ...changes }, epoch, step);
  return batch;
}

describe('augmentation of a batch', () => {
  it('is the same for the same step of the same training, whatever came before', () => {
    const first = augmented(2, 5);
    augmented(2, 6);
    expect(augmented(2, 5)).toEqual(first);
  });

  it.each([
    ['step', () => augmented(2, 6)],
    ['epoch', () => augmented(3, 5)],
    ['seed', () => augmented(2, 5, { seed: 4 })],
  ])('is another for another %s', (_, other) => {
    expect(other()).not.toEqual(augmented(2, 5));
  });

  it('treats every image of a batch by its own chance, and its mask alike', () => {
    const pixels = size.height * size.width;
    const { images, masks } = brightBoxes(1, size);
    const same = {
      count: 8,
      images: new Uint8Array(8 * pixels),
      masks: new Uint8Array(8 * pixels),
    };
    for (let index = 0; index < 8; index++) {
      same.images.set(images, index * pixels);
      same.masks.set(masks, index * pixels);
    }
    augmentBatch(same, run, 1, 0);
    const seen = new Set<string>();
    for (let start = 0; start < same.images.length; start += pixels) {
      const mask = same.masks.subarray(start, start + pixels);
      seen.add(mask.join(''));
      // Boxes are bright: foreground still lies on bright pixels only, but for the blended edge.
      const { width } = size;
      for (let at = width + 1; at < pixels - width - 1; at++)
        if ([at, at - 1, at + 1, at - width, at + width].every((near) => mask[near]))
          expect(same.images[start + at]).toBeGreaterThan(110);
    }
    expect(seen.size).toBeGreaterThan(2);
  });

  it('leaves everything as it is under the tutorial', () => {
    expect(augmented(1, 0, { recipe: recipes.tutorial })).toEqual(brightBoxes(6, size));
  });
});
