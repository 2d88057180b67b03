import { cp, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ok } from '../operators/result.js';
import type { WriteModel } from './exported-model.js';
import { aroundTheNetwork } from './keras.js';

/** `tfjs/`: the model's folder as it is, for `tf.loadLayersModel`; `model.json`, of an ensemble one a member. */
export const writeTfjs: WriteModel = async ({ card, folder: from, members }, folder) => {
  const path = join(folder, 'tfjs');
  const temporary = join(dirname(path), `.tmp-${process.pid}-${basename(path)}`);
  await rm(temporary, { recursive: true, force: true });
  try {
    await cp(from, temporary, { recursive: true });
    await rm(path, { recursive: true, force: true });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
  const names = await readdir(path);
  return ok({
    paths: names.sort().map((name) => join(path, name)),
    leftOut: aroundTheNetwork(card, members.length),
  });
};
