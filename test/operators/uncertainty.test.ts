import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { thresholdOnly } from '../../src/operators/post-processing.js';
import { uncertaintyOf } from '../../src/operators/uncertainty.js';

const size = { height: 8, width: 8 };
const settings = thresholdOnly(0.5);

/** The first of the 64 pixels have one probability, the others another. */
function image(pixels: number, inside: number, outside: number): Float32Array {
  return Float32Array.from({ length: 64 }, (_, index) => (index < pixels ? inside : outside));
}

const share = fc.double({ min: 0, max: 1, noNaN: true });
const map = fc
  .array(share, { minLength: 64, maxLength: 64 })
  .map((values) => Float32Array.from(values));

describe('uncertainty', () => {
  test('is one less the Dice of the mask against the probabilities', () => {
    // 16 pixels of 0.75 and 48 of 0.25: 12 of a mass of 24 lie in the mask of 16.
    expect(uncertaintyOf(image(16, 0.75, 0.25), size, settings, undefined, 1)).toBeCloseTo(
      1 - (2 * 12) / (16 + 24),
      12,
    );
  });

  test('believes the temperature', () => {
    // Logits of ln 9 become ln 3: 0.9 means 0.75, 0.1 means 0.25.
    expect(uncertaintyOf(image(16, 0.9, 0.1), size, settings, undefined, 2)).toBeCloseTo(0.4, 5);
  });

  test('is 0 where the network is sure, of a nerve or of none', () => {
    expect(uncertaintyOf(image(16, 1, 0), size, settings, 1, 1)).toBe(0);
    expect(uncertaintyOf(image(0, 1, 0), size, settings, 0, 1)).toBe(0);
    expect(uncertaintyOf(image(16, 1, 0), size, settings, 1, 3)).toBeLessThan(0.02);
  });

  test('of an empty mask, it is the probability that there is a nerve', () => {
    expect(uncertaintyOf(image(4, 0.4, 0.1), size, settings, undefined, 1)).toBeCloseTo(0.4, 6);
    expect(uncertaintyOf(image(4, 0.4, 0.1), size, settings, 0.2, 1)).toBeCloseTo(0.3, 6);
    const gated = { ...settings, presenceThreshold: 0.7 };
    expect(uncertaintyOf(image(4, 0.9, 0), size, gated, 0.3, 1)).toBeCloseTo(0.6, 6);
  });

  test('looks at the mask that is drawn: what cleaning takes away is doubt', () => {
    const speck = image(16, 1, 0);
    speck[63] = 1;
    const cleaned = { ...settings, largestComponents: 1 };
    expect(uncertaintyOf(speck, size, settings, 1, 1)).toBe(0);
    expect(uncertaintyOf(speck, size, cleaned, 1, 1)).toBeCloseTo(1 - 32 / 33, 12);
  });

  test('is 1 where the network says no number', () => {
    expect(uncertaintyOf(image(1, Number.NaN, 0), size, settings, undefined, 1)).toBe(1);
  });

  test('lies between 0 and 1', () => {
    const presence = fc.option(share, { nil: undefined });
    const temperature = fc.double({ min: 0.1, max: 10, noNaN: true });
    fc.assert(
      fc.property(map, presence, temperature, share, (probabilities, presence, t, threshold) => {
        const doubt = uncertaintyOf(probabilities, size, thresholdOnly(threshold), presence, t);
        expect(doubt).toBeGreaterThanOrEqual(0);
        expect(doubt).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('falls as the network grows surer of the same mask, and rises with the temperature', () => {
    const least = fc.double({ min: 0.51, max: 1, noNaN: true });
    fc.assert(
      fc.property(least, least, fc.integer({ min: 1, max: 64 }), (one, other, pixels) => {
        const [shy, sure] = [Math.min(one, other), Math.max(one, other)];
        const of = (p: number, temperature = 1) =>
          uncertaintyOf(image(pixels, p, 1 - p), size, settings, undefined, temperature);
        expect(of(sure)).toBeLessThanOrEqual(of(shy) + 1e-6);
        expect(of(sure, 2)).toBeGreaterThanOrEqual(of(sure, 1) - 1e-6);
      }),
    );
  });

  test('of an empty mask, it rises with the presence', () => {
    fc.assert(
      fc.property(share, share, (one, other) => {
        const of = (presence: number) =>
          uncertaintyOf(image(64, 0.2, 0.2), size, settings, presence, 1);
        expect(of(Math.min(one, other))).toBeLessThanOrEqual(of(Math.max(one, other)));
      }),
    );
  });
});
