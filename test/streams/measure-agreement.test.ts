import { expect, test } from 'vitest';
import { measureAgreements } from '../../src/streams/evaluation/measure-agreement.js';

function image(subject: number, truthPixels: number, foundPixels: number, pixelMm2: number | null) {
  const model = { dice: 0, iou: 0, hausdorff95: null, truthPixels, foundPixels };
  return { subject, model, pixelMm2 };
}

test('compares areas in mm² where the spacing is known, else in pixels', () => {
  const agreements = measureAgreements([
    image(1, 100, 120, 0.01),
    image(2, 200, 180, 0.04),
    image(3, 50, 51, null),
  ]);
  expect(agreements).toMatchObject([
    { measure: 'area', unit: 'mm2', against: 'mask', images: 2, missed: 0 },
    { measure: 'area', unit: 'pixels', against: 'mask', images: 1, bias: 1, limits: null },
  ]);
  const [inMm2] = agreements;
  // 1.2 for 1 mm², 7.2 for 8 mm².
  expect(inMm2!.bias).toBeCloseTo(-0.3, 12);
  expect(inMm2!.meanAbsoluteDifference).toBeCloseTo(0.5, 12);
  expect(inMm2!.meanTruth).toBeCloseTo(4.5, 12);
});

test('counts a missed nerve apart, and leaves out where there is none', () => {
  const images = [image(1, 100, 0, null), image(1, 0, 40, null), image(2, 10, 12, null)];
  expect(measureAgreements(images)).toMatchObject([{ images: 1, missed: 1, bias: 2 }]);
  expect(measureAgreements(images.slice(0, 2))).toEqual([]);
});
