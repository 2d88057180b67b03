import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  countItems,
  itemsPerSecond,
  noRate,
  type Rate,
} from '../../../src/ui/state/smoothed-rate.js';

function steady(perSecond: number, seconds: number): Rate {
  let rate = noRate;
  for (let index = 0; index < perSecond * seconds; index++) {
    rate = countItems(rate, 1, 1_000_000 + (index * 1000) / perSecond);
  }
  return rate;
}

describe('a smoothed rate', () => {
  it('is right within a few seconds, and from the first ones on', () => {
    expect(itemsPerSecond(steady(20, 2), 1_002_000)).toBeCloseTo(20, -0.5);
    expect(itemsPerSecond(steady(20, 30), 1_030_000)).toBeCloseTo(20, 0);
  });

  it('fades to exactly nothing when nothing comes', () => {
    const rate = steady(20, 30);
    expect(itemsPerSecond(rate, 1_033_000)).toBeLessThan(10);
    expect(itemsPerSecond(rate, 1_090_000)).toBe(0);
    expect(itemsPerSecond(noRate, 5)).toBe(0);
  });

  it('starts afresh after a rest', () => {
    const rested = countItems(steady(100, 10), 1, 2_000_000);
    expect(itemsPerSecond(rested, 2_000_500)).toBeLessThan(1.5);
  });

  it('is finite and never negative, whatever the clock does', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1e7 }), { maxLength: 50 }), (times) => {
        const rate = times.reduce((sum, at) => countItems(sum, 1, at), noRate);
        const value = itemsPerSecond(rate, times.at(-1) ?? 0);
        expect(Number.isFinite(value) && value >= 0).toBe(true);
      }),
    );
  });
});
