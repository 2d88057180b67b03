import { grad, type Tensor, type Tensor4D, tensor2d, tensor4d } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  batchDice,
  binaryCrossEntropy,
  focalLoss,
  segmentationLoss,
} from '../../src/model/loss.js';
import { batchDice as diceOffDevice } from '../../src/operators/dice.js';
import { useCpuBackend } from '../support/cpu-backend.js';

beforeAll(useCpuBackend);

const masks = () => tensor2d([1, 0, 1, 0], [2, 2]);

describe("the tutorial's Dice", () => {
  it('is (2 overlap + 1) / (areas + 1) over the whole batch', () => {
    const probabilities = tensor2d([0.5, 0.5, 1, 0], [2, 2]);
    expect(batchDice(probabilities, masks()).arraySync()).toBeCloseTo((2 * 1.5 + 1) / (2 + 2 + 1));
  });

  it('is the one that is computed off the device for validation', () => {
    const probabilities = Float32Array.of(0.9, 0.3, 0.7, 0.01);
    const onDevice = batchDice(tensor2d(probabilities, [2, 2]), masks()).arraySync();
    expect(onDevice).toBeCloseTo(diceOffDevice(Uint8Array.of(1, 0, 1, 0), probabilities), 6);
  });

  it('is 1 where nothing is there and nothing is found', () => {
    const nothing = tensor2d([0, 0], [1, 2]);
    expect(batchDice(nothing, nothing).arraySync()).toBe(1);
  });
});

describe('binary cross-entropy from logits', () => {
  it('equals its definition', () => {
    const logits = [2, -1, 0.5, 3];
    const truth = [1, 0, 1, 0];
    const expected =
      logits.reduce((total, z, index) => {
        const p = 1 / (1 + Math.exp(-z));
        return total - (truth[index] === 1 ? Math.log(p) : Math.log(1 - p));
      }, 0) / 4;
    expect(binaryCrossEntropy(tensor2d(logits, [2, 2]), masks()).arraySync()).toBeCloseTo(expected);
  });

  it('stays finite, with finite gradients, for logits of 1e4 on the wrong side', () => {
    const logits = tensor2d([-1e4, 1e4, -1e4, 1e4], [2, 2]);
    expect(binaryCrossEntropy(logits, masks()).arraySync()).toBeCloseTo(1e4, 0);
    const gradients = grad((z) => binaryCrossEntropy(z, masks()))(logits).dataSync();
    expect([...gradients]).toEqual([-0.25, 0.25, -0.25, 0.25]);
  });

  it('has the gradient (p - t) / n, also at 0', () => {
    const gradients = grad((z) => binaryCrossEntropy(z, masks()))(tensor2d([0, 0, 1, 1], [2, 2]));
    const p = 1 / (1 + Math.exp(-1));
    for (const [index, expected] of [-0.5, 0.5, p - 1, p].entries()) {
      expect(gradients.dataSync()[index]).toBeCloseTo(expected / 4);
    }
  });
});

describe('what training minimises', () => {
  const logits = () => tensor4d([1, -1, 0, 2], [2, 2, 1, 1]);
  const masks = () => tensor4d([1, 0, 1, 0], [2, 2, 1, 1]);

  it('is -Dice for the tutorial', () => {
    const { loss, dice } = segmentationLoss('negative-dice', logits(), masks());
    expect(loss.arraySync()).toBe(-dice.arraySync());
  });

  it('is 1 - Dice + cross-entropy for the others', () => {
    const { loss, dice } = segmentationLoss('dice+bce', logits(), masks());
    const entropy = binaryCrossEntropy(logits(), masks()).arraySync();
    expect(loss.arraySync()).toBeCloseTo(1 - dice.arraySync() + entropy);
  });

  /** Two images of 8 x 8: one whose mask is its upper half, one without any; all logits as given. */
  const halfEmpty = (where: number) => {
    const truth = Array.from({ length: 128 }, (_, index) => (index < 32 ? 1 : 0));
    const z = truth.map((value, index) => (index < 64 ? (value ? 9 : -9) : where));
    return [tensor4d(z, [2, 8, 8, 1]), tensor4d(truth, [2, 8, 8, 1])] as const;
  };

  it.each([
    'image-dice+bce',
    'tversky+bce',
    'image-dice+focal',
  ] as const)('%s: pixels found in an image without a nerve cost about all of its Dice', (kind) => {
    const right = segmentationLoss(kind, ...halfEmpty(-9)).loss.arraySync();
    const wrong = segmentationLoss(kind, ...halfEmpty(9)).loss.arraySync();
    const pixelLoss =
      kind === 'image-dice+focal'
        ? (logits: Tensor4D, truth: Tensor4D) => focalLoss(logits, truth).arraySync()
        : (logits: Tensor4D, truth: Tensor4D) => binaryCrossEntropy(logits, truth).arraySync();
    expect(right).toBeLessThan(0.02);
    // Half of the images: half of the mean Dice.
    expect(wrong - pixelLoss(...halfEmpty(9))).toBeGreaterThan(0.45);
  });

  it('tversky+bce: a missed pixel costs more than a false one', () => {
    const truth = tensor4d([1, 1, 0, 0], [1, 2, 2, 1]);
    const loss = (z: number[]) =>
      segmentationLoss('tversky+bce', tensor4d(z, [1, 2, 2, 1]), truth).loss.arraySync();
    expect(loss([9, -9, -9, -9])).toBeGreaterThan(loss([9, 9, 9, -9]) + 0.05);
  });

  it('focal loss equals its definition, with the gradient that differences show', () => {
    const truth = tensor4d([1, 0, 1, 0], [1, 2, 2, 1]);
    const z = [2, -1, -0.5, 3];
    const definition = (values: number[]) =>
      values.reduce((total, value, index) => {
        const p = 1 / (1 + Math.exp(-value));
        const q = index % 2 === 0 ? p : 1 - p;
        return total - (1 - q) ** 2 * Math.log(q);
      }, 0) / 4;
    const logits = tensor4d(z, [1, 2, 2, 1]);
    expect(focalLoss(logits, truth).arraySync()).toBeCloseTo(definition(z), 5);
    const gradient = grad((x: Tensor) => focalLoss(x, truth))(logits).dataSync();
    for (const [at, value] of gradient.entries()) {
      const moved = (by: number) => definition(z.map((v, index) => (index === at ? v + by : v)));
      expect(value).toBeCloseTo((moved(1e-4) - moved(-1e-4)) / 2e-4, 4);
    }
    const sure = tensor4d([1e4, -1e4, -1e4, 1e4], [1, 2, 2, 1]);
    const finite = grad((x: Tensor) => focalLoss(x, truth))(sure).dataSync();
    expect([...finite].every(Number.isFinite)).toBe(true);
  });
});
