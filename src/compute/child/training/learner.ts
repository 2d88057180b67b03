import { dispose, io, type Tensor4D } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { Adam } from '../../../model/adam.js';
import { fromModelFiles, toModelFiles } from '../../../model/serialise.js';
import { type StepResult, trainableVariables, trainingStep } from '../../../model/training-step.js';
import { buildUNet, logitsOf } from '../../../model/unet.js';
import { WeightAverage } from '../../../model/weight-average.js';
import type { Checkpoint } from '../../../store/checkpoints.js';
import { readModel } from '../../../store/model-folder.js';
import { describe } from '../../../store/whole-folder.js';
import { ComputeFailure, type TrainingRun } from '../../compute.js';

/** What a training moves: a network, its optimizer and, where the recipe has one, its weights' average. */
export class Learner {
  private readonly logits: LayersModel;

  private constructor(
    private readonly unet: LayersModel,
    private readonly adam: Adam,
    private readonly average: WeightAverage | null,
  ) {
    this.logits = logitsOf(unet);
  }

  /** A new network, or one with the weights of the model to start from (`START_UNUSABLE`). */
  static async create(run: TrainingRun): Promise<Learner> {
    const built = buildUNet({ ...run.recipe, size: run.size, seed: run.seed });
    if (!built.ok) throw new RangeError(built.failure.message);
    const unet = built.value;
    if (run.startFrom !== undefined) await takeWeightsOf(run.startFrom.folder, unet);
    const adam = new Adam(trainableVariables(unet));
    return new Learner(unet, adam, await averageOf(run, unet, null));
  }

  static async restore(run: TrainingRun, checkpoint: Checkpoint): Promise<Learner> {
    const unet = await fromModelFiles(checkpoint.files);
    const average = await averageOf(run, unet, checkpoint.average);
    const adam = new Adam(trainableVariables(unet));
    adam.restore({ steps: checkpoint.position.optimizerSteps, moments: checkpoint.moments });
    return new Learner(unet, adam, average);
  }

  /** What is validated and saved. */
  get learned(): LayersModel {
    return this.average?.averaged ?? this.unet;
  }

  /** Gives the device one step; images and masks may go when it returns. Resolves when it is done. */
  step(
    recipe: TrainingRun['recipe'],
    images: Tensor4D,
    masks: Tensor4D,
    learningRate: number,
  ): Promise<StepResult> {
    const figures = trainingStep(this.logits, this.adam, recipe, images, masks, learningRate);
    this.average?.follow(this.adam.steps);
    return figures;
  }

  /** All of it as it is now, for a checkpoint. */
  async save(): Promise<Omit<Checkpoint, 'position'> & { readonly optimizerSteps: number }> {
    const files = await toModelFiles(this.unet);
    const { steps, moments } = await this.adam.save();
    const average = this.average && (await toModelFiles(this.average.averaged)).weights;
    return { files, moments, average, optimizerSteps: steps };
  }

  dispose(): void {
    this.adam.dispose();
    this.average?.averaged.dispose();
    // Not `logits`: its layers are these.
    this.unet.dispose();
  }
}

/** Starts at the network's own weights, or at those of a checkpoint. */
async function averageOf(
  { recipe }: TrainingRun,
  unet: LayersModel,
  saved: Uint8Array | null,
): Promise<WeightAverage | null> {
  if (recipe.weightAverage === 0) return null;
  const files = await toModelFiles(unet);
  const averaged = await fromModelFiles(saved === null ? files : { ...files, weights: saved });
  return new WeightAverage(averaged, unet, recipe.weightAverage);
}

/**
 * Gives a network that was just built the weights of a saved model. Rejects with `START_UNUSABLE`
 * where that cannot be read or is another network; the new one is disposed of then.
 */
async function takeWeightsOf(folder: string, unet: LayersModel): Promise<void> {
  const read = await readModel(folder);
  if (read.status !== 'found') {
    unet.dispose();
    throw new ComputeFailure('START_UNUSABLE', describe(read));
  }
  const { weights, weightSpecs } = read.value.files;
  const saved = io.decodeWeights(Uint8Array.from(weights).buffer, [...weightSpecs]);
  try {
    unet.loadWeights(saved);
  } catch (error) {
    unet.dispose();
    const { message } = error as Error;
    throw new ComputeFailure('START_UNUSABLE', `its weights are of another network (${message})`);
  } finally {
    dispose(saved);
  }
}
