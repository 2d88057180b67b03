import { cp } from 'node:fs/promises';
import { ok } from '../operators/result.js';
import { modelFormat } from './exported-model.js';
import { aroundTheNetwork } from './keras.js';

/** The model's folder as it is: `tf.loadLayersModel` reads `model.json`, of an ensemble one a member. */
export const tfjs = modelFormat('tfjs', async ({ card, folder: from, members }, folder) => {
  await cp(from, folder, { recursive: true });
  return ok(aroundTheNetwork(card, members.length));
});
