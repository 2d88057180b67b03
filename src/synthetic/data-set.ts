import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { epochOrder } from '../operators/epoch-order.js';
import type { GridSize } from '../operators/image.js';
import { encodeRle } from '../operators/rle.js';
import { randomFrom } from '../operators/seeded-random.js';
import { inParallel, writeTiff, writeWhole } from './image-files.js';
import { subjectLook } from './subject-look.js';
import { type SyntheticPair, syntheticUltrasound } from './ultrasound.js';

export interface SyntheticDataSet {
  /** People with masks, numbered from 1. */
  readonly subjects: number;
  readonly perSubject: number;
  /** Images without masks, of people who are not among the above. */
  readonly test: number;
  /** Share of images without a nerve, 0..1, in train and test alike; Kaggle's is about 0.6. */
  readonly emptyShare: number;
  readonly size: GridSize;
  readonly seed: number;
}

/** Of the test images, next to train/ and test/; rows `img,pixels` as in a submission. */
export const testTruthFile = 'test-truth.csv';

/**
 * Writes a data set in Kaggle's layout: train/S_N.tif, train/S_N_mask.tif (0 and 255), test/N.tif,
 * all LZW. The same settings give the same files; existing ones are replaced, others stay. Every
 * file appears whole, under its name; the test truth comes last, so it means that all is there.
 *
 * Rejects when a file cannot be written.
 */
export async function writeSyntheticDataSet(
  folder: string,
  { subjects, perSubject, test, emptyShare, size, seed }: SyntheticDataSet,
): Promise<{ train: number; test: number }> {
  const trainFolder = join(folder, 'train');
  const testFolder = join(folder, 'test');
  await mkdir(trainFolder, { recursive: true });
  await mkdir(testFolder, { recursive: true });

  const draw = (id: string, subject: number, empty: ReadonlySet<string>): SyntheticPair =>
    syntheticUltrasound(
      size,
      subjectLook(seed, subject),
      !empty.has(id),
      randomFrom(seed, 'image', id),
    );

  const trainIds = Array.from({ length: subjects * perSubject }, (_, nth) => {
    const subject = Math.floor(nth / perSubject) + 1;
    return { subject, id: `${subject}_${(nth % perSubject) + 1}` };
  });
  const emptyTrain = chosenEmpty(trainIds, emptyShare, seed);
  await inParallel(trainIds, async ({ subject, id }) => {
    const { image, mask } = draw(id, subject, emptyTrain);
    await writeTiff(join(trainFolder, `${id}.tif`), image, size);
    const white = mask.map((value) => value * 255);
    await writeTiff(join(trainFolder, `${id}_mask.tif`), white, size);
  });

  const testIds = Array.from({ length: test }, (_, nth) => {
    const strangers = Math.max(1, Math.ceil(test / Math.max(1, perSubject)));
    return { subject: subjects + 1 + (nth % strangers), id: `${nth + 1}` };
  });
  const emptyTest = chosenEmpty(testIds, emptyShare, seed);
  const truth = new Map<string, string>();
  await inParallel(testIds, async ({ subject, id }) => {
    const { image, mask } = draw(id, subject, emptyTest);
    truth.set(id, encodeRle(mask, size));
    await writeTiff(join(testFolder, `${id}.tif`), image, size);
  });
  const rows = testIds.map(({ id }) => `${id},${truth.get(id)}\n`);
  await writeWhole(join(folder, testTruthFile), `img,pixels\n${rows.join('')}`);
  return { train: trainIds.length, test: testIds.length };
}

/** Exactly the asked share of the ids, to the nearest whole number. */
function chosenEmpty(
  ids: readonly { readonly id: string }[],
  share: number,
  seed: number,
): Set<string> {
  const shuffled = epochOrder(
    ids.map(({ id }) => id),
    seed,
    0,
  );
  return new Set(shuffled.slice(0, Math.round(share * ids.length)));
}
