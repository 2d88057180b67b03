import { dispose, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { ModelCard } from '../model/card.js';
import { normalisedTensor } from '../model/normalise.js';
import { fromModelFiles } from '../model/serialise.js';
import { describe, readModel } from '../store/models.js';
import { ComputeFailure, type ImageBatch, type ProbabilityBatch } from './compute.js';

/** The model that predicts: one at a time. */
export class ServedModel {
  #served: {
    readonly folder: string;
    readonly card: ModelCard;
    readonly unet: LayersModel;
  } | null = null;

  /**
   * Loads a model folder; the one before goes when the new one is there. Rejects with
   * `MODEL_UNREADABLE`, and the one before goes on serving.
   */
  async load(folder: string): Promise<ModelCard> {
    if (this.#served?.folder === folder) return this.#served.card;
    const read = await readModel(folder);
    if (read.status !== 'found') throw new ComputeFailure('MODEL_UNREADABLE', describe(read));
    const { card, files } = read.value;
    const unet = await fromModelFiles(files).catch((error: Error) => {
      throw new ComputeFailure('MODEL_UNREADABLE', `${folder}: ${error.message}`);
    });
    this.#served?.unet.dispose();
    this.#served = { folder, card, unet };
    return card;
  }

  drop(): void {
    this.#served?.unet.dispose();
    this.#served = null;
  }

  /** Foreground probabilities of uint8 images of the model's size. */
  async predict({ count, images }: ImageBatch): Promise<ProbabilityBatch> {
    if (!this.#served) throw new ComputeFailure('MODEL_UNREADABLE', 'no model is being served');
    const { card, unet } = this.#served;
    const input = normalisedTensor(images, count, card.size, card.normalisation);
    const output = tidy(() => unet.apply(input) as Tensor4D);
    try {
      // A copy: the backend may hand out memory of its own that it will use again.
      return { count, probabilities: Float32Array.from(await output.data<'float32'>()) };
    } finally {
      dispose([input, output]);
    }
  }
}
