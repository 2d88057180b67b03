import type { Agreement } from '../events.js';
import { correlationOf } from './correlation.js';
import { meanOf } from './statistics.js';

/** One size, measured two ways. */
export interface MeasuredTwice {
  readonly found: number;
  readonly truth: number;
}

/** Of a normal distribution, this many standard deviations to either side hold 95 %. */
const spread95 = 1.96;

/**
 * How far sizes found may be relied on: the mean of found less true, and the limits within which 95 %
 * of such differences are to be expected (Bland and Altman, Lancet 1986; 1: 307-310). Images of one
 * subject tell of the same person: their differences are alike, so that a plain standard deviation
 * promises too much where subjects have many. The limits' variance is the sum of that between subjects
 * and that within, of a one-way analysis of variance (Bland and Altman, J Biopharm Stat 2007; 17:
 * 571-582, section 3). With an image each it is the plain one.
 *
 * @param subjects the images of each; those without an image count for nothing
 * @returns null without any image
 */
export function agreementOf(subjects: readonly (readonly MeasuredTwice[])[]): Agreement | null {
  const all = subjects.flat();
  if (all.length === 0) return null;
  const bias = meanOf(all, difference);
  const deviation = deviationOf(subjects.filter(({ length }) => length > 0));
  return {
    images: all.length,
    meanTruth: meanOf(all, ({ truth }) => truth),
    bias,
    limits:
      deviation === null
        ? null
        : { low: bias - spread95 * deviation, high: bias + spread95 * deviation },
    meanAbsoluteDifference: meanOf(all, (pair) => Math.abs(difference(pair))),
    correlation: correlationOf(
      all.map(({ found }) => found),
      all.map(({ truth }) => truth),
    ),
  };
}

function difference({ found, truth }: MeasuredTwice): number {
  return found - truth;
}

/** Of one image's difference, of whatever subject; null below two subjects, which tell of no other. */
function deviationOf(subjects: readonly (readonly MeasuredTwice[])[]): number | null {
  const groups = subjects.map((images) => images.map(difference));
  if (groups.length < 2) return null;
  const all = groups.flat();
  const mean = meanOf(all, (value) => value);
  let [between, within] = [0, 0];
  for (const group of groups) {
    const own = meanOf(group, (value) => value);
    between += group.length * (own - mean) ** 2;
    for (const value of group) within += (value - own) ** 2;
  }
  const meanBetween = between / (groups.length - 1);
  const repeats = all.length - groups.length;
  const meanWithin = repeats === 0 ? 0 : within / repeats;
  const squares = groups.reduce((sum, { length }) => sum + length ** 2, 0);
  // How many images a subject has, as the analysis weighs them.
  const each = (all.length ** 2 - squares) / ((groups.length - 1) * all.length);
  return Math.sqrt(Math.max(0, (meanBetween - meanWithin) / each) + meanWithin);
}
