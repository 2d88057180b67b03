import {
  abs,
  add,
  customGrad,
  div,
  exp,
  log1p,
  mean,
  mul,
  neg,
  relu,
  type Scalar,
  sigmoid,
  sub,
  sum,
  type Tensor,
  tidy,
} from '@tensorflow/tfjs-core';
import type { Recipe } from './recipe.js';

/** The tutorial's: keeps an empty mask against an empty prediction at 1 and gradients finite. */
export const smooth = 1;

/**
 * The tutorial's soft Dice of one batch: (2 |P T| + 1) / (|P| + |T| + 1), summed over all pixels
 * of all images at once. Probabilities and masks of the same shape, 0..1; result in 0..1.
 */
export function batchDice(probabilities: Tensor, masks: Tensor): Scalar {
  return tidy(() => {
    const overlap = sum(mul(probabilities, masks));
    const areas = add(sum(probabilities), sum(masks));
    return div(add(mul(overlap, 2), smooth), add(areas, smooth)) as Scalar;
  });
}

/**
 * Mean binary cross-entropy over all pixels, from logits: max(z, 0) - z t + ln(1 + e^-|z|),
 * which neither overflows nor takes the logarithm of 0. Its gradient is written out, since that of
 * |z| is 0 where a fresh network's logits are exactly 0.
 */
export function binaryCrossEntropy(logits: Tensor, masks: Tensor): Scalar {
  const entropy = customGrad((...inputs: (Tensor | SaveTensors)[]) => {
    const [z, save] = inputs as [Tensor, SaveTensors];
    save([z, masks]);
    return {
      value: tidy(() => mean(add(sub(relu(z), mul(z, masks)), log1p(exp(neg(abs(z))))))),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [logit, truth] = saved as [Tensor, Tensor];
        return mul(dy, div(sub(sigmoid(logit), truth), logits.size));
      },
    };
  });
  return entropy(logits) as Scalar;
}

type SaveTensors = (tensors: Tensor[]) => void;

/** What training minimises, and the batch's Dice beside it. */
export function segmentationLoss(
  kind: Recipe['loss'],
  logits: Tensor,
  masks: Tensor,
): { readonly loss: Scalar; readonly dice: Scalar } {
  const dice = batchDice(sigmoid(logits), masks);
  switch (kind) {
    case 'negative-dice':
      return { loss: neg(dice), dice };
    case 'dice+bce':
      return { loss: add(sub(1, dice), binaryCrossEntropy(logits, masks)) as Scalar, dice };
  }
}
