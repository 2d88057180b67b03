import { dispose } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { ModelCard } from '../../model/card.js';
import { normalisedTensor } from '../../model/normalise.js';
import { fromModelFiles } from '../../model/serialise.js';
import { applyNetwork } from '../../model/unet.js';
import { mirrorRows } from '../../operators/mirror.js';
import { readMembers } from '../../store/ensemble-folder.js';
import { describe } from '../../store/whole-folder.js';
import { ComputeFailure, type ImageBatch, type ProbabilityBatch } from '../compute.js';

interface Member {
  readonly card: ModelCard;
  readonly unet: LayersModel;
}

type State =
  | { readonly state: 'empty'; readonly why: string }
  | {
      readonly state: 'loaded';
      readonly folder: string;
      readonly card: ModelCard;
      /** One, or those of an ensemble. */
      readonly members: readonly Member[];
    };

/** Room for one model on the device: the one that predicts. */
export class LoadedNetwork {
  private state: State = { state: 'empty', why: 'no model is being served' };

  /**
   * Loads a model folder; the one before goes when the new one is there. Rejects with
   * `MODEL_UNREADABLE`, and the one before goes on serving.
   */
  async load(folder: string): Promise<ModelCard> {
    if (this.state.state === 'loaded' && this.state.folder === folder) return this.state.card;
    const read = await readMembers(folder);
    if (read.status !== 'found') throw this.refused(describe(read));
    const { card } = read.value;
    const members: Member[] = [];
    for (const member of read.value.members) {
      const unet = await fromModelFiles(member.files).catch((error: Error) => {
        for (const loaded of members) loaded.unet.dispose();
        throw this.refused(`${folder}: ${error.message}`);
      });
      members.push({ card: member.card, unet });
    }
    this.drop();
    this.state = { state: 'loaded', folder, card, members };
    return card;
  }

  private refused(why: string): ComputeFailure {
    if (this.state.state === 'empty') this.state = { state: 'empty', why };
    return new ComputeFailure('MODEL_UNREADABLE', why);
  }

  drop(): void {
    if (this.state.state === 'empty') return;
    for (const { unet } of this.state.members) unet.dispose();
    this.state = { state: 'empty', why: 'its model was put aside' };
  }

  /** Foreground probabilities of uint8 images of the model's size: the mean over the ensemble. */
  async predict(batch: ImageBatch): Promise<ProbabilityBatch> {
    if (this.state.state === 'empty') throw new ComputeFailure('MODEL_UNREADABLE', this.state.why);
    const [first, ...others] = this.state.members;
    const mean = await predictAlone(first!, batch);
    for (const [index, member] of others.entries()) {
      takeIntoMean(mean, await predictAlone(member, batch), index + 1);
    }
    return mean;
  }
}

/** Where its recipe says so, the mean with those of the mirror image. */
async function predictAlone({ card, unet }: Member, batch: ImageBatch): Promise<ProbabilityBatch> {
  const seen = await predictOnce(unet, card, batch);
  if (!card.trainedWith?.mirroredPrediction) return seen;
  const images = batch.images.slice();
  mirrorRows(images, card.size.width);
  const mirrored = await predictOnce(unet, card, { ...batch, images });
  mirrorRows(mirrored.probabilities, card.size.width);
  takeIntoMean(seen, mirrored, 1);
  return seen;
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

/** @param count of how many `mean` is the mean so far */
function takeIntoMean(mean: ProbabilityBatch, more: ProbabilityBatch, count: number): void {
  addToMean(mean.probabilities, more.probabilities, count);
  if (mean.presence && more.presence) addToMean(mean.presence, more.presence, count);
}

function addToMean(mean: Float32Array, values: Float32Array, count: number): void {
  for (let index = 0; index < mean.length; index++) {
    mean[index] = (mean[index]! * count + values[index]!) / (count + 1);
  }
}
