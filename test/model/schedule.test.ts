import { describe, expect, it } from 'vitest';
import { learningRateAt } from '../../src/model/schedule.js';

describe('the learning rate of a step', () => {
  it('stays where the schedule is constant', () => {
    expect(learningRateAt({ kind: 'constant' }, 1e-5, 999, 1000)).toBe(1e-5);
  });

  describe('with warm-up and cosine', () => {
    const at = (step: number, total = 1000) =>
      learningRateAt({ kind: 'warmup-cosine', warmupShare: 0.1 }, 1, step, total);

    it('rises in equal steps to the peak, never from exactly 0', () => {
      expect(at(0)).toBeCloseTo(0.01);
      expect(at(49)).toBeCloseTo(0.5);
      expect(at(99)).toBe(1);
    });

    it('falls from the peak to 1 % of it at the last step', () => {
      expect(at(100)).toBe(1);
      expect(at(550)).toBeCloseTo(0.505, 1);
      expect(at(999)).toBeCloseTo(0.01);
      for (let step = 101; step < 1000; step++) expect(at(step)).toBeLessThan(at(step - 1));
    });

    it('is a positive number in trainings of one step or two', () => {
      for (const total of [1, 2]) expect(at(total - 1, total)).toBeGreaterThan(0);
    });
  });
});
