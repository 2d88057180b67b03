import { join } from 'node:path';
import { resizeImage } from '../operators/resize.js';
import { ok } from '../operators/result.js';
import type { ExportFormat, ExportSource, PredictedImage } from './export-format.js';
import { LeftOutList } from './left-out.js';
import { NpyFile } from './npy-file.js';

const longestInt32 = 2 ** 31 - 1;

/**
 * The arrays of the Keras tutorial (data.py, train.py), at the network's size, so that images of all sizes
 * stand in one array: imgs_train and imgs_test [n, height, width] uint8 grey, imgs_mask_train the same,
 * 0 and 255; imgs_id_test [n] int32, or text where an id is no number; imgs_mask_test
 * [n, height, width, 1] float32, how much of each pixel the predicted mask covers, 0..1.
 */
export const npy: ExportFormat = {
  name: 'npy',
  of: 'images',
  async write(source, folder) {
    const leftOut = new LeftOutList();
    const training = await writeTraining(source, folder, leftOut);
    const test = await writeTest(source, folder, leftOut);
    return ok({ images: training + test, leftOut: leftOut.all });
  },
};

async function writeTraining(
  source: ExportSource,
  folder: string,
  leftOut: LeftOutList,
): Promise<number> {
  const { height, width } = source.size;
  await using images = await fileIn(folder, 'imgs_train', '|u1', [height, width]);
  await using masks = await fileIn(folder, 'imgs_mask_train', '|u1', [height, width]);
  let count = 0;
  for await (const pair of source.pairs()) {
    const pixels = await pair.pixels();
    const mask = pixels.ok ? await pair.maskPixels() : pixels;
    if (!pixels.ok || !mask.ok) {
      if (!mask.ok) leftOut.add(pair.id, mask.failure);
      continue;
    }
    await images.file.write(pixels.value);
    await masks.file.write(mask.value.map((value) => (value === 0 ? 0 : 255)));
    count++;
  }
  return count;
}

async function writeTest(
  source: ExportSource,
  folder: string,
  leftOut: LeftOutList,
): Promise<number> {
  const { height, width } = source.size;
  await using images = await fileIn(folder, 'imgs_test', '|u1', [height, width]);
  await using masks = await fileIn(folder, 'imgs_mask_test', '<f4', [height, width, 1]);
  const ids: string[] = [];
  for await (const image of source.predicted()) {
    const pixels = await image.pixels();
    if (!pixels.ok) {
      leftOut.add(image.id, pixels.failure);
      continue;
    }
    await images.file.write(pixels.value);
    await masks.file.write(await shareCovered(image, source));
    ids.push(image.id);
  }
  await writeIds(ids, folder);
  return ids.length;
}

/** Of each of the network's pixels, 0..1 in steps of 1/255: 0.5 and more is foreground. */
async function shareCovered(
  { row, mask }: Pick<PredictedImage, 'row' | 'mask'>,
  { size }: ExportSource,
): Promise<Float32Array> {
  const { height, width } = row;
  const data = mask();
  for (let at = 0; at < data.length; at++) data[at]! *= 255;
  const resized = await resizeImage({ height, width, data }, size);
  const shares = new Float32Array(resized.data);
  for (let at = 0; at < shares.length; at++) shares[at]! /= 255;
  return shares;
}

/** As numbers where all are, as the tutorial's; else as text, which NumPy keeps in UTF-32. */
async function writeIds(ids: readonly string[], folder: string): Promise<void> {
  const areNumbers = ids.every((id) => /^(0|[1-9]\d{0,9})$/.test(id) && Number(id) <= longestInt32);
  const characters = ids.reduce((most, id) => Math.max(most, [...id].length), 1);
  await using array = await fileIn(folder, 'imgs_id_test', areNumbers ? '<i4' : `<U${characters}`);
  for (const id of ids) {
    const points = Array.from(id, (character) => character.codePointAt(0)!);
    const padded = Array.from({ length: characters }, (_, at) => points[at] ?? 0);
    await array.file.write(Int32Array.from(areNumbers ? [Number(id)] : padded));
  }
}

async function fileIn(folder: string, name: string, type: string, rowShape?: readonly number[]) {
  const file = await NpyFile.create(join(folder, `${name}.npy`), type, rowShape);
  return { file, [Symbol.asyncDispose]: () => file.close() };
}
