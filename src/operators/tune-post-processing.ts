import type { GridSize } from './image.js';
import { cleanMask, isAbsent, type PostProcessing } from './post-processing.js';
import { threshold } from './threshold.js';

/** Raise it when other settings, or another temperature, begin to come out of the same predictions. */
export const tuningRulesVersion = 5;

/** A validation image, on the network's grid. */
export interface TuningSample {
  /** 0..1, row-major. */
  readonly probabilities: Float32Array;
  /** 0 or 1, row-major. */
  readonly truth: Uint8Array;
  readonly presence?: number;
}

export interface TunedPostProcessing {
  readonly settings: PostProcessing;
  /** Mean image Dice on the samples, with the settings tuned from and with those that came out. */
  readonly before: number;
  readonly after: number;
  readonly images: number;
}

/** Fewer images say nothing that would hold for others: they tune nothing. */
export const leastTuningImages = 8;
/** Smaller gains are not worth a setting that is not the default. */
const leastGain = 0.001;
/** A gain counts when it is this many of its own standard errors. */
const clearGain = 2;
/** Images scored between two chances for others to run. */
const sliceLength = 64;

const thresholds = [0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7];
const presenceThresholds = [null, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
const leastAreas = [0.0025, 0.005, 0.0075, 0.01, 0.015, 0.02];

/**
 * Settings that raise the mean image Dice of these images, one setting after the other, twice
 * round. A change is taken only where its gain is clear: at least two standard errors of the
 * images' own differences. So a small validation set, on which the best of many settings is best
 * by chance, leaves the defaults as they are.
 *
 * Everything is scored on the network's grid; areas are shares of the image, so they hold on the
 * original's too.
 *
 * @param clear standard errors that a gain has to be
 *
 * Yields now and then, for the caller to let others run; the last value is returned.
 */
export function* tunePostProcessing(
  samples: readonly TuningSample[],
  size: GridSize,
  from: PostProcessing,
  clear = clearGain,
): Generator<void, TunedPostProcessing> {
  let settings = from;
  let dices = yield* dicesWith(samples, size, from);
  const before = mean(dices);
  if (samples.length >= leastTuningImages) {
    const tellPresence = samples.every(({ presence }) => presence !== undefined);
    for (let round = 0; round < 2; round++) {
      const standing = settings;
      for (const changes of candidates(tellPresence)) {
        let best: { settings: PostProcessing; dices: Float64Array } | null = null;
        for (const change of changes) {
          const candidate = { ...settings, ...change };
          const found = yield* dicesWith(samples, size, candidate);
          if (best === null || mean(found) > mean(best.dices)) {
            best = { settings: candidate, dices: found };
          }
        }
        if (best !== null && isClearGain(dices, best.dices, clear)) ({ settings, dices } = best);
      }
      if (settings === standing) break;
    }
  }
  return { settings, before, after: mean(dices), images: samples.length };
}

function candidates(tellPresence: boolean): Partial<PostProcessing>[][] {
  return [
    tellPresence ? presenceThresholds.map((presenceThreshold) => ({ presenceThreshold })) : [],
    thresholds.map((least) => ({ threshold: least })),
    [{ largestComponents: 1 }, { largestComponents: 2 }],
    [{ fillHoles: true }],
    leastAreas.map((leastArea) => ({ leastArea })),
  ];
}

function* dicesWith(
  samples: readonly TuningSample[],
  size: GridSize,
  settings: PostProcessing,
): Generator<void, Float64Array> {
  const dices = new Float64Array(samples.length);
  for (const [index, sample] of samples.entries()) {
    dices[index] = diceWith(sample, size, settings);
    if (index % sliceLength === sliceLength - 1) yield;
  }
  yield;
  return dices;
}

function diceWith(
  { probabilities, truth, presence }: TuningSample,
  size: GridSize,
  settings: PostProcessing,
): number {
  if (isAbsent(probabilities, settings, presence)) return truth.includes(1) ? 0 : 1;
  const { mask, pixels } = threshold(probabilities, settings.threshold);
  const found = pixels === 0 ? 0 : cleanMask(mask, size, settings);
  let both = 0;
  let wanted = 0;
  for (let index = 0; index < truth.length; index++) {
    both += truth[index]! & mask[index]!;
    wanted += truth[index]!;
  }
  return wanted + found === 0 ? 1 : (2 * both) / (wanted + found);
}

function isClearGain(before: Float64Array, after: Float64Array, clear: number): boolean {
  const gains = after.map((dice, index) => dice - before[index]!);
  const gain = mean(gains);
  const variance = mean(gains.map((g) => (g - gain) ** 2)) / Math.max(1, gains.length - 1);
  return gain >= leastGain && gain >= clear * Math.sqrt(variance);
}

function mean(values: Float64Array): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
