import { dispose, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { normalisedTensor } from '../model/normalise.js';
import { batchDice, imageDice } from '../operators/dice.js';
import { threshold } from '../operators/threshold.js';
import type { PairBatch, TrainingRun } from './compute.js';

/** Both Dice figures of a network over images it does not learn from, batch by batch. */
export class Validation {
  #images = 0;
  #batchDices = 0;
  #imageDices = 0;

  constructor(
    private readonly unet: LayersModel,
    private readonly run: Pick<TrainingRun, 'size' | 'normalisation' | 'recipe'>,
  ) {}

  async add({ count, images, masks }: PairBatch): Promise<void> {
    const { size, normalisation, recipe } = this.run;
    const input = normalisedTensor(images, count, size, normalisation);
    const output = tidy(() => this.unet.apply(input) as Tensor4D);
    const probabilities = await output.data<'float32'>();
    dispose([input, output]);
    this.#images += count;
    this.#batchDices += batchDice(masks, probabilities) * count;
    const pixels = size.height * size.width;
    for (let start = 0; start < masks.length; start += pixels) {
      const { mask } = threshold(probabilities.subarray(start, start + pixels), recipe.threshold);
      this.#imageDices += imageDice(masks.subarray(start, start + pixels), mask);
    }
  }

  /**
   * The tutorial's soft batch Dice, each batch weighted by its images, and the mean of the images'
   * own, on the network's grid. Null before any image.
   */
  result(): { dice: number; imageDice: number } | null {
    if (this.#images === 0) return null;
    return { dice: this.#batchDices / this.#images, imageDice: this.#imageDices / this.#images };
  }
}
