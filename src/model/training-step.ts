import {
  add,
  keep,
  max,
  mul,
  type NamedTensorMap,
  type Scalar,
  stack,
  type Tensor2D,
  type Tensor4D,
  tidy,
  type Variable,
  variableGrads,
} from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Adam } from './adam.js';
import { binaryCrossEntropy, segmentationLoss } from './loss.js';
import type { Recipe } from './recipe.js';
import { applyNetwork } from './unet.js';

export interface StepResult {
  readonly loss: number;
  /** The tutorial's soft Dice of this batch, before the update. */
  readonly dice: number;
}

/**
 * One step: loss, gradients, Adam, and one read-back for both figures. Images and masks are
 * [n, h, w, 1] float32 and stay the caller's; nothing else is left alive.
 *
 * @param logits the network without its last sigmoids (`logitsOf`)
 */
export async function trainingStep(
  logits: LayersModel,
  adam: Adam,
  recipe: Pick<Recipe, 'loss' | 'presenceWeight'>,
  images: Tensor4D,
  masks: Tensor4D,
  learningRate: number,
): Promise<StepResult> {
  const figures = tidy(() => {
    let batchDice: Scalar | undefined;
    const { value, grads } = variableGrads(() => {
      const { mask, presence } = applyNetwork(logits, images, { training: true });
      const { loss, dice } = segmentationLoss(recipe.loss, mask, masks);
      batchDice = keep(dice);
      if (presence === null) return loss;
      const isThere = max(masks, [1, 2]) as Tensor2D;
      return add(loss, mul(binaryCrossEntropy(presence, isThere), recipe.presenceWeight)) as Scalar;
    }, adam.variables as Variable[]);
    adam.apply(grads as NamedTensorMap, learningRate);
    const both = stack([value, batchDice!]);
    batchDice!.dispose();
    return both;
  });
  const [lossValue, dice] = await figures.data<'float32'>();
  figures.dispose();
  return { loss: lossValue!, dice: dice! };
}

/** The variables that training moves, in the order in which weights are saved. */
export function trainableVariables(unet: LayersModel): Variable[] {
  return unet.trainableWeights.map((weight) => weight.read() as Variable);
}
