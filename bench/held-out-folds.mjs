import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeMask } from '../dist/operators/decode.js';
import { parseImageName } from '../dist/operators/image-name.js';
import { resizeMask } from '../dist/operators/resize.js';
import { readHeldOut } from '../dist/store/held-out.js';

/** Reads true masks from raw/, each once: `whole` as the file has it, `truth` on the network's grid. */
export function truthReader(raw, size) {
  const truths = new Map();
  return async (id) => {
    if (!truths.has(id)) {
      const file = readFileSync(join(raw, 'train', `${id}_mask.tif`));
      const { value } = await decodeMask(file, { maxPixels: 1e8 });
      truths.set(id, { whole: value, truth: (await resizeMask(value, size)).data });
    }
    return truths.get(id);
  };
}

/**
 * The folds of a finished evaluation, each with the images that it held out: truth, probabilities on the
 * network's grid, and presence where the network tells. None where a fold is not finished.
 */
export async function heldOutFolds(evaluation, size, truthOf) {
  const area = size.height * size.width;
  const folds = [];
  for (const seed of readdirSync(evaluation).filter((name) => name.startsWith('seed-'))) {
    for (const name of readdirSync(join(evaluation, seed))) {
      const folder = join(evaluation, seed, name);
      const read = await readHeldOut(folder);
      if (read.status !== 'found') return [];
      const { record, probabilities, presence } = read.value;
      const images = record.ids.map(async (id, index) => ({
        ...(await truthOf(id)),
        subject: parseImageName(`train/${id}.tif`).subject,
        probabilities: probabilities.subarray(index * area, (index + 1) * area),
        ...(presence && { presence: presence[index] }),
      }));
      const modelFolder = join(folder, record.modelFolder);
      folds.push({ seed, modelFolder, images: await Promise.all(images) });
    }
  }
  return folds;
}
