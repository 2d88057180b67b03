import { randomFrom } from '../../src/operators/seeded-random.js';

/** Chance that is the same for the same seed. */
export class SeededChoice {
  private readonly random: () => number;

  constructor(...seed: readonly (number | string)[]) {
    this.random = randomFrom(...seed);
  }

  /** A whole number from 0 to below `end`. */
  below(end: number): number {
    return Math.floor(this.random() * end);
  }

  one<T>(choices: readonly T[]): T {
    const chosen = choices[this.below(choices.length)];
    if (chosen === undefined) throw new RangeError('nothing to choose from');
    return chosen;
  }

  /** True with this probability. */
  happens(probability: number): boolean {
    return this.random() < probability;
  }
}
