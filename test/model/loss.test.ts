import { grad, tensor2d } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { batchDice, binaryCrossEntropy, segmentationLoss } from '../../src/model/loss.js';
import { batchDice as diceOffDevice } from '../../src/operators/dice.js';
import { useCpuBackend } from './support.js';

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
  const logits = () => tensor2d([1, -1, 0, 2], [2, 2]);

  it('is -Dice for the tutorial', () => {
    const { loss, dice } = segmentationLoss('negative-dice', logits(), masks());
    expect(loss.arraySync()).toBe(-dice.arraySync());
  });

  it('is 1 - Dice + cross-entropy for the others', () => {
    const { loss, dice } = segmentationLoss('dice+bce', logits(), masks());
    const entropy = binaryCrossEntropy(logits(), masks()).arraySync();
    expect(loss.arraySync()).toBeCloseTo(1 - dice.arraySync() + entropy);
  });
});
