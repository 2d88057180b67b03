import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomFrom } from '../../src/operators/seeded-random.js';
import { calibrated, fitTemperature } from '../../src/operators/temperature.js';

const share = fc.double({ min: 0, max: 1, noNaN: true });
const temperature = fc.double({ min: 0.1, max: 10, noNaN: true });

function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}

function fitted(samples: Parameters<typeof fitTemperature>[0]): number {
  const fit = fitTemperature(samples);
  for (let step = fit.next(); ; step = fit.next()) if (step.done) return step.value;
}

describe('a calibrated probability', () => {
  test('is that of the logit divided by the temperature', () => {
    expect(calibrated(sigmoid(3), 2)).toBeCloseTo(sigmoid(1.5), 6);
    expect(calibrated(sigmoid(-3), 0.5)).toBeCloseTo(sigmoid(-6), 6);
    expect(calibrated(0.5, 4)).toBeCloseTo(0.5, 12);
    expect(calibrated(0.123, 1)).toBe(0.123);
  });

  test('stays a probability, on its side of one half, in its order', () => {
    fc.assert(
      fc.property(share, share, temperature, (one, other, t) => {
        const [low, high] = [Math.min(one, other), Math.max(one, other)];
        const [less, more] = [calibrated(low, t), calibrated(high, t)];
        expect(less).toBeGreaterThanOrEqual(0);
        expect(more).toBeLessThanOrEqual(1);
        expect(less).toBeLessThanOrEqual(more);
        expect(Math.sign(more - 0.5) * Math.sign(high - 0.5)).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe('the fitted temperature', () => {
  /** Pixels whose truth is drawn by their probability; what the network says is that, its logit times `planted`. */
  function planted(temperature: number, seed: number) {
    const random = randomFrom(seed, 'pixels');
    const logits = Float32Array.from({ length: 20000 }, () => (random() - 0.6) * 6);
    return {
      probabilities: logits.map((logit) => sigmoid(logit * temperature)),
      truth: Uint8Array.from(logits, (logit) => (random() < sigmoid(logit) ? 1 : 0)),
    };
  }

  test.each([0.5, 1, 1.7, 3])('is %d where the network is by that much too sure', (wanted) => {
    const found = fitted([planted(wanted, 1), planted(wanted, 2)]);
    expect(found / wanted).toBeGreaterThan(0.95);
    expect(found / wanted).toBeLessThan(1.05);
  });

  test('stays finite where the network is always right, always wrong or says nothing', () => {
    const truth = Uint8Array.of(0, 1, 1, 0);
    expect(fitted([{ probabilities: Float32Array.from(truth), truth }])).toBeCloseTo(0.1, 3);
    const wrong = Float32Array.from(truth, (pixel) => 1 - pixel);
    expect(fitted([{ probabilities: wrong, truth }])).toBeCloseTo(10, 3);
    expect(fitted([{ probabilities: new Float32Array(4).fill(Number.NaN), truth }])).toBeLessThan(
      11,
    );
    expect(fitted([])).toBeGreaterThanOrEqual(0.1);
  });
});
