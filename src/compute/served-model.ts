import { dispose } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { ModelCard } from '../model/card.js';
import { normalisedTensor } from '../model/normalise.js';
import { fromModelFiles } from '../model/serialise.js';
import { applyNetwork } from '../model/unet.js';
import { mirrorRows } from '../operators/mirror.js';
import { describe, readModel } from '../store/models.js';
import { ComputeFailure, type ImageBatch, type ProbabilityBatch } from './compute.js';

/** The model that predicts: one at a time. */
export class ServedModel {
  #served: {
    readonly folder: string;
    readonly card: ModelCard;
    readonly unet: LayersModel;
  } | null = null;

  /** Why there is none. */
  #refusal = 'no model is being served';

  /**
   * Loads a model folder; the one before goes when the new one is there. Rejects with
   * `MODEL_UNREADABLE`, and the one before goes on serving.
   */
  async load(folder: string): Promise<ModelCard> {
    if (this.#served?.folder === folder) return this.#served.card;
    const read = await readModel(folder);
    if (read.status !== 'found') throw this.#refused(describe(read));
    const { card, files } = read.value;
    const unet = await fromModelFiles(files).catch((error: Error) => {
      throw this.#refused(`${folder}: ${error.message}`);
    });
    this.#served?.unet.dispose();
    this.#served = { folder, card, unet };
    return card;
  }

  #refused(why: string): ComputeFailure {
    this.#refusal = why;
    return new ComputeFailure('MODEL_UNREADABLE', why);
  }

  drop(): void {
    this.#served?.unet.dispose();
    this.#served = null;
  }

  /**
   * Foreground probabilities of uint8 images of the model's size; where its recipe says so, the mean
   * with those of the mirror image.
   */
  async predict(batch: ImageBatch): Promise<ProbabilityBatch> {
    if (!this.#served) throw new ComputeFailure('MODEL_UNREADABLE', this.#refusal);
    const { card, unet } = this.#served;
    const seen = await predictOnce(unet, card, batch);
    if (!card.trainedWith?.mirroredPrediction) return seen;
    const images = batch.images.slice();
    mirrorRows(images, card.size.width);
    const mirrored = await predictOnce(unet, card, { ...batch, images });
    mirrorRows(mirrored.probabilities, card.size.width);
    intoMean(seen.probabilities, mirrored.probabilities);
    if (seen.presence && mirrored.presence) intoMean(seen.presence, mirrored.presence);
    return seen;
  }
}

async function predictOnce(
  unet: LayersModel,
  { size, normalisation, trainedWith }: ModelCard,
  { count, images }: ImageBatch,
): Promise<ProbabilityBatch> {
  const input = normalisedTensor(images, count, size, {
    ...normalisation,
    kind: trainedWith?.imageNormalisation ?? 'data-set',
  });
  const { mask, presence } = applyNetwork(unet, input);
  try {
    // A copy: the backend may hand out memory of its own that it will use again.
    const probabilities = Float32Array.from(await mask.data<'float32'>());
    if (presence === null) return { count, probabilities };
    return { count, probabilities, presence: Float32Array.from(await presence.data<'float32'>()) };
  } finally {
    dispose([input, mask]);
    presence?.dispose();
  }
}

function intoMean(values: Float32Array, others: Float32Array): void {
  for (let index = 0; index < values.length; index++) {
    values[index] = (values[index]! + others[index]!) / 2;
  }
}
