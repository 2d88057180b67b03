import { decodeRle } from '../operators/rle.js';
import type { CacheWrite } from '../store/cache-writes.js';
import type { Catalog } from '../store/catalog.js';
import { filesWithoutPixels } from '../store/pixel-keys.js';
import { unusedPixelKeys } from '../store/unused-pixels.js';
import { plural } from '../ui/format.js';
import { findingOf, firstOf, type MendableFinding } from './finding.js';

/**
 * Whether the records in LevelDB fit together.
 *
 * @param runIds trainings whose samples are still to be known: of the current model and of
 * one that can be resumed
 */
export async function checkCache(
  catalog: Catalog,
  runIds: ReadonlySet<string>,
): Promise<MendableFinding[]> {
  return [
    ...(await checkPixels(catalog)),
    ...(await checkPredictions(catalog)),
    ...(await checkTrainingSets(catalog, runIds)),
  ];
}

async function checkPixels(catalog: Catalog): Promise<MendableFinding[]> {
  const present = new Set<string>();
  for await (const key of catalog.cache.pixelKeys()) present.add(key);
  const paths = filesWithoutPixels(catalog.files.values(), present);
  const unused = await unusedPixelKeys(catalog);
  return [
    ...findingOf(paths, {
      code: 'PIXELS_LOST',
      level: 'wrong',
      message: `the cache has lost the pixels of ${plural(paths.length, 'file')}: ${firstOf(paths)}`,
      // The next start reads the file again, and keeps what is known of its sample until then.
      mend: () => catalog.commit(paths.map((path) => ({ remove: 'file', path }))),
    }),
    ...findingOf(unused, {
      code: 'PIXELS_UNUSED',
      level: 'leftover',
      message: `the cache holds pixels of ${plural(unused.length, 'file')} that no sample is made of`,
      mend: () => catalog.commit(unused.map((key) => ({ remove: 'pixels', key }))),
    }),
  ];
}

async function checkPredictions(catalog: Catalog): Promise<MendableFinding[]> {
  const { samples, predictions } = catalog;
  const remove = (ids: readonly string[]) => () =>
    catalog.commit(ids.map((id): CacheWrite => ({ remove: 'prediction', id })));
  const ofNothing = [...predictions.keys()].filter((id) => !samples.has(`test/${id}`));
  const unreadable: string[] = [];
  for await (const row of catalog.rowsOf([...predictions.keys()])) {
    if (!decodeRle(row.rle, row).ok) unreadable.push(row.id);
  }
  return [
    ...findingOf(ofNothing, {
      code: 'PREDICTION_OF_NOTHING',
      level: 'wrong',
      message: `${plural(ofNothing.length, 'prediction is', 'predictions are')} of no test image: ${firstOf(ofNothing)}`,
      mend: remove(ofNothing),
    }),
    ...findingOf(unreadable, {
      code: 'PREDICTION_UNREADABLE',
      level: 'wrong',
      message: `the runs of ${plural(unreadable.length, 'prediction')} do not fit the image: ${firstOf(unreadable)}`,
      mend: remove(unreadable),
    }),
  ];
}

async function checkTrainingSets(
  catalog: Catalog,
  runIds: ReadonlySet<string>,
): Promise<MendableFinding[]> {
  const unused = (await catalog.cache.trainingRunIds()).filter((id) => !runIds.has(id));
  return findingOf(unused, {
    code: 'TRAINING_SET_UNUSED',
    level: 'leftover',
    message: `the cache remembers what ${plural(unused.length, 'training')} had seen whose model is gone`,
    mend: () => catalog.commit(unused.map((runId) => ({ remove: 'training-set', runId }))),
  });
}
