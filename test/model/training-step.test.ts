import { dispose, memory } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadWasmBackend } from '../../src/compute/wasm/load.js';
import { Adam } from '../../src/model/adam.js';
import { maskTensor, normalisedTensor } from '../../src/model/normalise.js';
import { trainableVariables, trainingStep } from '../../src/model/training-step.js';
import { buildUNet, logitsOf } from '../../src/model/unet.js';
import { brightBoxes } from '../support/bright-boxes.js';

const size = { height: 16, width: 16 };
const normalisation = { kind: 'data-set', mean: 0.4, std: 0.25 } as const;
const plain = { loss: 'negative-dice', presenceWeight: 0 } as const;

function setUp(seed = 1) {
  const built = buildUNet({ size, filters: 1, initializer: 'heNormal', seed });
  if (!built.ok) throw new Error(built.failure.message);
  const boxes = brightBoxes(4, size);
  return {
    logits: logitsOf(built.value),
    adam: new Adam(trainableVariables(built.value)),
    images: normalisedTensor(boxes.images, 4, size, normalisation),
    masks: maskTensor(boxes.masks, 4, size),
  };
}

async function losses(steps: number, seed?: number): Promise<number[]> {
  const { logits, adam, images, masks } = setUp(seed);
  const found: number[] = [];
  for (let step = 0; step < steps; step++) {
    found.push(
      (await trainingStep(logits, adam, { ...plain, loss: 'dice+bce' }, images, masks, 1e-2)).loss,
    );
  }
  adam.dispose();
  dispose([images, masks]);
  return found;
}

beforeAll(async () => {
  await loadWasmBackend(1);
});

describe('a training step', () => {
  it('lowers the loss on a batch seen again', async () => {
    const found = await losses(40, 3);
    expect(found.at(-1)!).toBeLessThan(0.8 * found[0]!);
  });

  it('gives the same losses, bit for bit, for the same seed', async () => {
    expect(await losses(4)).toEqual(await losses(4));
  });

  it('leaks nothing over 200 steps', async () => {
    const { logits, adam, images, masks } = setUp();
    await trainingStep(logits, adam, plain, images, masks, 1e-3);
    const before = memory();
    for (let step = 0; step < 200; step++) {
      await trainingStep(logits, adam, plain, images, masks, 1e-3);
    }
    expect(memory().numTensors).toBe(before.numTensors);
    expect(memory().numBytes).toBe(before.numBytes);
  });
});
