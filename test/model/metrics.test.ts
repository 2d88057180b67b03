import { describe, expect, it } from 'vitest';
import { imageDices } from '../../src/model/metrics.js';

describe("Kaggle's Dice", () => {
  it('is taken image by image, after thresholding', () => {
    const probabilities = Float32Array.of(0.9, 0.2, 0.5, 0.4);
    const masks = Uint8Array.of(1, 1, 1, 0);
    expect(imageDices(probabilities, masks, 2, 0.5)).toEqual([2 / 3, 1]);
  });

  it('is 1 where both are empty and 0 where one is', () => {
    const probabilities = Float32Array.of(0.1, 0.1, 0.1, 0.1, 0.9, 0.9);
    const masks = Uint8Array.of(0, 0, 1, 0, 0, 0);
    expect(imageDices(probabilities, masks, 3, 0.5)).toEqual([1, 0, 0]);
  });
});
