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
  square,
  sub,
  sum,
  type Tensor,
  tidy,
} from '@tensorflow/tfjs-core';
import type { SegmentationLoss } from './recipe.js';

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

/** How much sure pixels count less: Lin et al.'s gamma. */
const focalGamma = 2;

/**
 * Mean focal loss over all pixels (Lin et al. 2017), from logits: -(1 - q)^gamma ln q, q being the
 * probability given to the truth. The gradient is written out: with s = 1 in the mask and -1
 * outside, s (1 - q)^gamma (gamma q ln q - (1 - q)).
 */
export function focalLoss(logits: Tensor, masks: Tensor): Scalar {
  const focal = customGrad((...inputs: (Tensor | SaveTensors)[]) => {
    const [z, save] = inputs as [Tensor, SaveTensors];
    save([z, masks]);
    return {
      value: tidy(() => {
        const { logTruth, miss } = truthOf(z, masks);
        return neg(mean(mul(square(miss), logTruth)));
      }),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [logit, mask] = saved as [Tensor, Tensor];
        const { sign, logTruth, truth, miss } = truthOf(logit, mask);
        const slope = sub(mul(mul(truth, logTruth), focalGamma), miss);
        return mul(dy, div(mul(mul(sign, square(miss)), slope), logit.size));
      },
    };
  });
  return focal(logits) as Scalar;
}

/** Of each pixel: the probability of the truth, its logarithm, and what is missing from 1. */
function truthOf(logits: Tensor, masks: Tensor) {
  const sign = sub(mul(masks, 2), 1);
  const towards = mul(logits, sign);
  const truth = sigmoid(towards);
  // -ln(1 + e^-x) without overflow.
  const logTruth = neg(add(relu(neg(towards)), log1p(exp(neg(abs(towards))))));
  return { sign, truth, logTruth, miss: sub(1, truth) };
}

/** A missed pixel counts so much, a false one the rest; Salehi et al. 2017. */
const missedShare = 0.7;

/**
 * Mean over the images of each one's soft Tversky index, (overlap + s) / (overlap + f false +
 * m missed + s); with f = m = 0.5 and s = `smooth` / 2 it is `batchDice` of one image. An empty mask
 * scores near 1 only where next to nothing is predicted.
 */
function meanImageIndex(probabilities: Tensor, masks: Tensor, missed: number): Scalar {
  const overlap = sum(mul(probabilities, masks), [1, 2, 3]);
  const found = sum(probabilities, [1, 2, 3]);
  const wanted = sum(masks, [1, 2, 3]);
  const areas = add(mul(found, 1 - missed), mul(wanted, missed));
  return mean(div(add(overlap, smooth / 2), add(areas, smooth / 2))) as Scalar;
}

/** What training minimises, and the batch's Dice beside it; logits and masks [n, height, width, 1]. */
export function segmentationLoss(
  kind: SegmentationLoss,
  logits: Tensor,
  masks: Tensor,
): { readonly loss: Scalar; readonly dice: Scalar } {
  const probabilities = sigmoid(logits);
  const dice = batchDice(probabilities, masks);
  const plus = (index: Scalar, pixelLoss: Scalar) => add(sub(1, index), pixelLoss) as Scalar;
  switch (kind) {
    case 'negative-dice':
      return { loss: neg(dice), dice };
    case 'dice+bce':
      return { loss: plus(dice, binaryCrossEntropy(logits, masks)), dice };
    case 'image-dice+bce': {
      const index = meanImageIndex(probabilities, masks, 0.5);
      return { loss: plus(index, binaryCrossEntropy(logits, masks)), dice };
    }
    case 'tversky+bce': {
      const index = meanImageIndex(probabilities, masks, missedShare);
      return { loss: plus(index, binaryCrossEntropy(logits, masks)), dice };
    }
    case 'image-dice+focal': {
      const index = meanImageIndex(probabilities, masks, 0.5);
      return { loss: plus(index, focalLoss(logits, masks)), dice };
    }
  }
}
