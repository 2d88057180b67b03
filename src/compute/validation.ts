import { dispose, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { batchDice } from '../model/loss.js';
import { imageDices } from '../model/metrics.js';
import { maskTensor, normalisedTensor } from '../model/normalise.js';
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
    const truth = maskTensor(masks, count, size);
    const [output, dice] = tidy(() => {
      const probabilities = this.unet.apply(input) as Tensor4D;
      return [probabilities, batchDice(probabilities, truth)];
    });
    const [probabilities, [soft]] = await Promise.all([output.data<'float32'>(), dice.data()]);
    dispose([input, truth, output, dice]);
    this.#images += count;
    this.#batchDices += soft! * count;
    for (const each of imageDices(probabilities, masks, count, recipe.threshold)) {
      this.#imageDices += each;
    }
  }

  /** The soft batch Dice, each batch weighted by its images, and the mean of the images' own. Null before any image. */
  result(): { dice: number; imageDice: number } | null {
    if (this.#images === 0) return null;
    return { dice: this.#batchDices / this.#images, imageDice: this.#imageDices / this.#images };
  }
}
