import { dispose } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { normalisedTensor } from '../../../model/normalise.js';
import { applyNetwork } from '../../../model/unet.js';
import { batchDice, imageDice } from '../../../operators/dice.js';
import { threshold } from '../../../operators/threshold.js';
import type { PairBatch, TrainingRun, ValidationSample } from '../../compute.js';
import type { ValidationSamples } from './validation-samples.js';

export interface ValidationResult {
  /** The tutorial's soft batch Dice, each batch weighted by its images. */
  readonly dice: number;
  /** The mean of the images' own, on the network's grid. */
  readonly imageDice: number;
  /** Of empty masks: what answering "empty" throughout would reach of `imageDice`. */
  readonly emptyShare: number;
  /** Some of the images, where somebody wants to see them. */
  readonly samples: readonly ValidationSample[];
}

/** Both Dice figures of a network over images it does not learn from, batch by batch. */
export class Validation {
  private images = 0;
  private batchDices = 0;
  private imageDices = 0;
  private empty = 0;

  constructor(
    private readonly unet: LayersModel,
    private readonly run: Pick<TrainingRun, 'size' | 'normalisation' | 'recipe'>,
    private readonly samples: ValidationSamples | null = null,
  ) {}

  async add({ count, images, masks }: PairBatch): Promise<void> {
    const { size, normalisation, recipe } = this.run;
    const input = normalisedTensor(images, count, size, {
      ...normalisation,
      kind: recipe.imageNormalisation,
    });
    const { mask: output, presence } = applyNetwork(this.unet, input);
    const probabilities = await output.data<'float32'>();
    dispose([input, output]);
    presence?.dispose();
    this.images += count;
    this.batchDices += batchDice(masks, probabilities) * count;
    const pixels = size.height * size.width;
    for (let start = 0; start < masks.length; start += pixels) {
      const { mask } = threshold(probabilities.subarray(start, start + pixels), recipe.threshold);
      const truth = masks.subarray(start, start + pixels);
      const dice = imageDice(truth, mask);
      this.imageDices += dice;
      if (!truth.includes(1)) this.empty++;
      this.samples?.add(images.subarray(start, start + pixels), truth, mask, dice);
    }
  }

  /** null before any image. */
  result(): ValidationResult | null {
    if (this.images === 0) return null;
    return {
      dice: this.batchDices / this.images,
      imageDice: this.imageDices / this.images,
      emptyShare: this.empty / this.images,
      samples: this.samples?.taken() ?? [],
    };
  }
}
