import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { agreementOf } from '../../src/operators/agreement.js';
import { standardDeviation } from '../../src/operators/statistics.js';

/** Differences of a subject's images from a truth of 10. */
function subject(...differences: number[]) {
  return differences.map((difference) => ({ found: 10 + difference, truth: 10 }));
}

describe('agreement', () => {
  test('with an image a subject, is as Bland and Altman wrote in 1986', () => {
    const agreement = agreementOf([subject(2), subject(-1), subject(1)])!;
    expect(agreement).toMatchObject({ images: 3, meanTruth: 10, correlation: null });
    expect(agreement.bias).toBeCloseTo(2 / 3, 12);
    expect(agreement.meanAbsoluteDifference).toBeCloseTo(4 / 3, 12);
    // Squares of 4/3, 5/3 and 1/3 over 2.
    const deviation = Math.sqrt(42 / 9 / 2);
    expect(agreement.limits!.low).toBeCloseTo(2 / 3 - 1.96 * deviation, 12);
    expect(agreement.limits!.high).toBeCloseTo(2 / 3 + 1.96 * deviation, 12);
  });

  test('with several, adds up what varies between subjects and within', () => {
    const agreement = agreementOf([subject(1, 3), subject(-1, -3)])!;
    // Between: 2 * 4 + 2 * 4 = 16, less 2 within, over 2 images each: 7. Within: 4 over 2 = 2.
    expect(agreement.bias).toBeCloseTo(0, 12);
    expect(agreement.limits!.high).toBeCloseTo(1.96 * Math.sqrt(7 + 2), 12);
    // As if all were of different people they would look closer: sqrt(20 / 3), not 3.
    expect(standardDeviation([1, 3, -1, -3])).toBeLessThan(3);
  });

  test('where subjects have unequally many, weighs by that', () => {
    const { limits } = agreementOf([subject(0, 0, 3), subject(5)])!;
    // Means 1 and 5, of all 2: between 3 * 1 + 9 = 12; within (1 + 1 + 4) / 2 = 3;
    // images each (16 - 10) / 4 = 1.5, so (12 - 3) / 1.5 = 6 between.
    expect(limits!.high - limits!.low).toBeCloseTo(2 * 1.96 * Math.sqrt(6 + 3), 12);
  });

  test('says nothing where there is nothing to say', () => {
    expect(agreementOf([])).toBeNull();
    expect(agreementOf([[]])).toBeNull();
    expect(agreementOf([subject(1, 2)])!.limits).toBeNull();
    expect(agreementOf([subject(1), subject(1)])!.limits).toEqual({ low: 1, high: 1 });
  });

  test('a shift of all sizes found moves bias and limits by as much, and no more', () => {
    const size = fc.integer({ min: 1, max: 1000 });
    const images = fc.array(fc.record({ found: size, truth: size }), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(fc.array(images, { minLength: 2, maxLength: 6 }), size, (subjects, shift) => {
        const before = agreementOf(subjects)!;
        const after = agreementOf(
          subjects.map((each) => each.map(({ found, truth }) => ({ found: found + shift, truth }))),
        )!;
        expect(after.bias).toBeCloseTo(before.bias + shift, 6);
        expect(after.limits!.low).toBeCloseTo(before.limits!.low + shift, 6);
        expect(after.limits!.high).toBeCloseTo(before.limits!.high + shift, 6);
        expect(after.correlation ?? 0).toBeCloseTo(before.correlation ?? 0, 6);
      }),
    );
  });
});
