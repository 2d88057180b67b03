import { expect, it } from 'vitest';
import { previewWithTruth } from '../../src/commands/demo-truth.js';
import type { PreviewEvent } from '../../src/events.js';
import { encodePicture, pictureMask } from '../../src/operators/preview-picture.js';
import { encodeRle } from '../../src/operators/rle.js';

const original = { height: 42, width: 58 };
const size = { height: 16, width: 16 };

/** 1 in the left half of a grid, of which as many rows from the top are empty. */
function leftHalf({ height, width }: typeof original, emptyRows = 0): Uint8Array {
  return Uint8Array.from({ length: height * width }, (_, index) =>
    Number(index % width < width / 2 && index >= emptyRows * width),
  );
}

const previewOf = (mask: Uint8Array): PreviewEvent => ({
  type: 'preview',
  id: '7',
  split: 'test',
  picture: encodePicture(size, new Uint8Array(256), mask),
});

const truth = encodeRle(leftHalf(original), original);

it('a test image of the demo is shown with the mask that was drawn, and their Dice', async () => {
  const right = await previewWithTruth(previewOf(leftHalf(size)), truth, original);
  expect(pictureMask(right.picture.truth!, size)).toEqual(leftHalf(size));
  expect(right.imageDice).toBe(1);
  const half = await previewWithTruth(previewOf(leftHalf(size, 8)), truth, original);
  expect(half.imageDice).toBeCloseTo(2 / 3);
  const empty = await previewWithTruth(previewOf(new Uint8Array(256)), '', original);
  expect(empty.imageDice).toBe(1);
});

it('as it is where the truth is not known, or not of this image', async () => {
  const preview = previewOf(leftHalf(size));
  expect(await previewWithTruth(preview, undefined, original)).toBe(preview);
  expect(await previewWithTruth(preview, truth, undefined)).toBe(preview);
  expect(await previewWithTruth(preview, '9999 9999', original)).toBe(preview);
});
