import fc from 'fast-check';
import { expect, test } from 'vitest';
import { imageDice } from '../../src/operators/dice.js';
import { meanScores, scoreMask } from '../../src/operators/mask-metrics.js';
import { drawn, twoMasks } from './masks.js';

const { size } = drawn(['....', '....']);
const { mask: three } = drawn(['###.', '....']);
const { mask: two } = drawn(['.##.', '#...']);
const empty = new Uint8Array(8);

test('by hand: two of three pixels hit, one missed, one too many', () => {
  expect(scoreMask(three, two, size)).toMatchObject({
    dice: 4 / 6,
    iou: 2 / 4,
    truthPixels: 3,
    foundPixels: 3,
  });
});

test('empty against empty is 1, against anything else 0', () => {
  expect(scoreMask(empty, empty, size)).toMatchObject({ dice: 1, iou: 1, hausdorff95: 0 });
  expect(scoreMask(three, empty, size)).toMatchObject({ dice: 0, iou: 0, hausdorff95: null });
  expect(scoreMask(empty, three, size)).toMatchObject({ dice: 0, iou: 0, hausdorff95: null });
});

test('means over four images: hit, miss, false alarm and rightly empty', () => {
  const scores = [
    scoreMask(three, three, size),
    scoreMask(three, empty, size),
    scoreMask(empty, three, size),
    scoreMask(empty, empty, size),
  ];
  expect(meanScores(scores)).toEqual({
    images: 4,
    positives: 2,
    dice: 0.5,
    positiveDice: 0.5,
    iou: 0.5,
    precision: 0.5,
    recall: 0.5,
    hausdorff95: 0,
    hausdorffImages: 1,
  });
});

test('where nothing is to be found and nothing is, there is no precision and no recall', () => {
  expect(meanScores([scoreMask(empty, empty, size)])).toMatchObject({
    dice: 1,
    positiveDice: null,
    precision: null,
    recall: null,
    hausdorff95: null,
  });
});

test('symmetric, between 0 and 1, 1 of equal masks, and Dice = 2 IoU / (1 + IoU)', () => {
  fc.assert(
    fc.property(twoMasks, ({ a, b, size }) => {
      const { dice, iou } = scoreMask(a, b, size);
      expect(scoreMask(b, a, size)).toMatchObject({ dice, iou });
      expect(scoreMask(a, a, size)).toMatchObject({ dice: 1, iou: 1, hausdorff95: 0 });
      expect(iou).toBeGreaterThanOrEqual(0);
      expect(dice).toBeLessThanOrEqual(1);
      expect(dice).toBeCloseTo((2 * iou) / (1 + iou), 12);
      expect(dice).toBe(imageDice(a, b));
    }),
  );
});
