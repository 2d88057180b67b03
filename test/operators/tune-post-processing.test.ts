import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { thresholdOnly } from '../../src/operators/post-processing.js';
import { randomFrom } from '../../src/operators/seeded-random.js';
import {
  type TunedPostProcessing,
  type TuningSample,
  tunePostProcessing,
} from '../../src/operators/tune-post-processing.js';

const size = { height: 8, width: 8 };
const standard = thresholdOnly(0.5);

function tuned(samples: readonly TuningSample[], from = standard): TunedPostProcessing {
  const tuning = tunePostProcessing(samples, size, from);
  for (let step = tuning.next(); ; step = tuning.next()) if (step.done) return step.value;
}

/** Rows of one probability each, from the top; the truth is their first `rows` rows. */
function gradient(probabilities: readonly number[], rows: number): TuningSample {
  return {
    probabilities: Float32Array.from({ length: 64 }, (_, at) => probabilities[at >> 3]!),
    truth: Uint8Array.from({ length: 64 }, (_, at) => (at >> 3 < rows ? 1 : 0)),
  };
}

const shy = gradient([0.9, 0.8, 0.42, 0.33, 0.1, 0.1, 0, 0], 4);
const sure = gradient([0.9, 0.8, 0.8, 0.9, 0.1, 0.1, 0, 0], 4);

describe('tuning', () => {
  test('lowers the threshold where the network is shy on all images', () => {
    const { settings, before, after, images } = tuned(Array(10).fill(shy));
    expect(before).toBeCloseTo((2 * 2) / 6, 6);
    expect(after).toBe(1);
    expect(images).toBe(10);
    expect(settings.threshold).toBeGreaterThan(0.1);
    expect(settings.threshold).toBeLessThanOrEqual(0.33);
    expect({ ...settings, threshold: 0.5 }).toEqual(standard);
  });

  test('leaves everything as it is below eight images', () => {
    expect(tuned(Array(7).fill(shy)).settings).toEqual(standard);
    expect(tuned([]).settings).toEqual(standard);
  });

  test('leaves everything as it is where one image alone gains', () => {
    expect(tuned([shy, ...Array(11).fill(sure)]).settings).toEqual(standard);
  });

  test('shuts the gate on false alarms that the presence tells', () => {
    const falseAlarm: TuningSample = { ...sure, truth: new Uint8Array(64), presence: 0.12 };
    const samples = [...Array(6).fill(falseAlarm), ...Array(6).fill({ ...sure, presence: 0.8 })];
    const { settings, before, after } = tuned(samples);
    expect(before).toBe(0.5);
    expect(after).toBe(1);
    expect(settings.presenceThreshold).toBeGreaterThan(0.12);
    expect(settings.presenceThreshold).toBeLessThanOrEqual(0.8);
  });

  test('opens a gate that shuts on nerves', () => {
    const doubted = Array(12).fill({ ...sure, presence: 0.05 });
    const { settings, before, after } = tuned(doubted, { ...standard, presenceThreshold: 0.5 });
    expect(before).toBe(0);
    expect(after).toBe(1);
    expect(settings.presenceThreshold).toBeNull();
  });

  test('drops small false alarms where that pays', () => {
    const speck = new Float32Array(64);
    speck[63] = 0.9;
    const falseAlarm: TuningSample = { probabilities: speck, truth: new Uint8Array(64) };
    const { settings, after } = tuned([...Array(6).fill(falseAlarm), ...Array(6).fill(sure)]);
    expect(settings.leastArea * 64).toBeGreaterThan(1);
    expect(after).toBe(1);
  });

  test('seldom takes chance for a gain, where as many images lose by it on the whole', () => {
    const greedy = gradient([0.9, 0.8, 0.42, 0.33, 0.1, 0.1, 0, 0], 2);
    let changed = 0;
    for (let seed = 0; seed < 100; seed++) {
      const random = randomFrom(seed, 'who gains');
      const samples = Array.from({ length: 12 }, () => (random() < 0.5 ? shy : greedy));
      if (tuned(samples).settings !== standard) changed++;
    }
    expect(changed).toBeLessThanOrEqual(10);
  });

  test('never ends below where it began, on the images that it saw', () => {
    const image = fc.record({
      probabilities: fc
        .array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 64, maxLength: 64 })
        .map((values) => Float32Array.from(values)),
      truth: fc.uint8Array({ min: 0, max: 1, minLength: 64, maxLength: 64 }),
      presence: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(image, { minLength: 8, maxLength: 12 }), (samples) => {
        const { before, after } = tuned(samples);
        expect(after).toBeGreaterThanOrEqual(before);
      }),
      { numRuns: 20 },
    );
  });
});
