import { expect, test } from 'vitest';
import { measureAgreements } from '../../src/streams/evaluation/measure-agreement.js';

const nothing = { area: 0, circumference: null };

/** Areas in pixels, in mm² where a pixel has a size. */
function image(subject: number, truthPixels: number, foundPixels: number, pixelMm2: number | null) {
  const model = { dice: 0, iou: 0, hausdorff95: null, truthPixels, foundPixels };
  const each = pixelMm2 ?? 1;
  const sizes = {
    truth: { area: truthPixels * each, circumference: null },
    found: { area: foundPixels * each, circumference: null },
  };
  return { subject, model, sizes: pixelMm2 === null ? null : sizes, table: null };
}

/** A head: what its masks measure around, and what the table says. */
function head(subject: number, truth: number, found: number | null, table: number | null) {
  const model = { dice: 1, iou: 1, hausdorff95: 0, truthPixels: 0, foundPixels: 0 };
  const sizes = {
    truth: { area: 1, circumference: truth },
    found: found === null ? nothing : { area: 1, circumference: found },
  };
  return { subject, model, sizes, table };
}

test('compares areas in mm² where the spacing is known, else in pixels', () => {
  const agreements = measureAgreements(
    [image(1, 100, 120, 0.01), image(2, 200, 180, 0.04), image(3, 50, 51, null)],
    null,
  );
  expect(agreements).toMatchObject([
    { measure: 'area', unit: 'mm2', against: 'mask', missed: 0, foundMasks: { images: 2 } },
    {
      measure: 'area',
      unit: 'pixels',
      against: 'mask',
      foundMasks: { images: 1, bias: 1, limits: null },
    },
  ]);
  const inMm2 = agreements[0]!.foundMasks;
  // 1.2 for 1 mm², 7.2 for 8 mm².
  expect(inMm2!.bias).toBeCloseTo(-0.3, 12);
  expect(inMm2!.meanAbsoluteDifference).toBeCloseTo(0.5, 12);
  expect(inMm2!.meanTruth).toBeCloseTo(4.5, 12);
});

test('counts a missed nerve apart, and leaves out where there is none', () => {
  const images = [image(1, 100, 0, null), image(1, 0, 40, null), image(2, 10, 12, null)];
  expect(measureAgreements(images, null)).toMatchObject([
    { missed: 1, foundMasks: { images: 1, bias: 2 } },
  ]);
  expect(measureAgreements(images.slice(0, 2), null)).toMatchObject([
    { missed: 1, foundMasks: null },
  ]);
  expect(measureAgreements(images.slice(1, 2), null)).toEqual([]);
});

test('compares with a table what the found masks measure, and what the true ones do', () => {
  const heads = [
    head(1, 101, 104, 100),
    head(2, 199, 198, 200),
    head(3, 300, null, 300),
    // Of this one the table says nothing.
    head(4, 400, 999, null),
  ];
  const [, betweenMasks, around] = measureAgreements(heads, 'circumference');
  expect(betweenMasks).toMatchObject({
    ...{ measure: 'circumference', unit: 'mm', against: 'mask', missed: 1, trueMasks: null },
    foundMasks: { images: 3, bias: (3 - 1 + 599) / 3 },
  });
  expect(around).toMatchObject({
    ...{ measure: 'circumference', unit: 'mm', against: 'table', missed: 1 },
    foundMasks: { images: 2, bias: 1, meanAbsoluteDifference: 3, meanTruth: 150 },
    trueMasks: { images: 3, bias: 0, meanTruth: 200 },
  });
  // Differences 4 and -2: a standard deviation of sqrt(18).
  expect(around!.foundMasks!.limits!.high).toBeCloseTo(1 + 1.96 * Math.sqrt(18), 12);
  expect(around!.trueMasks!.meanAbsoluteDifference).toBeCloseTo(2 / 3, 12);
});

test('compares areas with a table of areas in mm²', () => {
  const images = [{ ...image(1, 100, 150, 0.01), table: 1.2 }];
  expect(measureAgreements(images, 'area')).toMatchObject([
    { measure: 'area', unit: 'mm2', against: 'mask', foundMasks: { bias: 0.5 } },
    {
      measure: 'area',
      unit: 'mm2',
      against: 'table',
      foundMasks: { bias: expect.closeTo(0.3, 12) },
    },
  ]);
});
