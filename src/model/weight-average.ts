import type { Variable } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { moveTowards } from './move-towards.js';

/** Steps between two updates: as good as one each step, at a fraction of the passes over the weights. */
const every = 4;

/**
 * Keeps one network's weights at the exponential moving average of another's, statistics of batch
 * normalisation included. The decay grows from 0 in the first steps (as (1 + steps) / (10 + steps)),
 * so that a short training does not end on the average of its beginning.
 */
export class WeightAverage {
  /**
   * @param averaged the same network, made from the followed one's files
   * @param decay share of the old average that one step leaves, 0..1
   */
  constructor(
    readonly averaged: LayersModel,
    private readonly followed: LayersModel,
    private readonly decay: number,
  ) {}

  /** @param steps taken so far, this one included */
  follow(steps: number): void {
    if (steps % every !== 0) return;
    const kept = Math.min(this.decay, (1 + steps) / (10 + steps)) ** every;
    const pairs = this.followed.weights.map((weight, index) => ({
      average: this.averaged.weights[index]!.read() as Variable,
      value: weight.read(),
    }));
    moveTowards(pairs, 1 - kept);
  }
}
