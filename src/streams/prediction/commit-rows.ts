import { concatMap, type OperatorFunction } from 'rxjs';
import type { CacheWrite } from '../../store/cache-writes.js';
import type { Catalog } from '../../store/catalog.js';
import { storeFailure } from '../../store/store-failure.js';
import { type At, type Batch, type ImageInHand, outdated, refused } from './image-in-hand.js';

/** The rows of a batch, all or none: run lengths and what they were made from, into the store. */
export function commitRows(catalog: Catalog): OperatorFunction<Batch, Batch> {
  return concatMap(async (batch) => {
    const isCurrent = ({ sample }: ImageInHand) => catalog.samples.holds(sample);
    const written = batch.filter(
      (image): image is At<'written'> => image.at === 'written' && isCurrent(image),
    );
    try {
      await catalog.commit(
        written.map(({ row }): CacheWrite => ({ put: 'prediction', record: row })),
      );
    } catch (error) {
      const failure = storeFailure(error as Error);
      return batch.map((image) =>
        image.at === 'written' && written.includes(image) ? refused(image, 'mask', failure) : image,
      );
    }
    await removeRowsOfNothing(catalog, written);
    return batch.map((image): ImageInHand => {
      if (image.at !== 'written') return image;
      // What changed while it was being written follows with an event of its own.
      return written.includes(image) && isCurrent(image)
        ? { ...image, at: 'done' }
        : outdated(image);
    });
  });
}

/** A removal that was on its way into the catalog may have been overtaken by the rows. */
async function removeRowsOfNothing(
  catalog: Catalog,
  written: readonly At<'written'>[],
): Promise<void> {
  const ofNothing = written.filter(({ row }) => !catalog.samples.has(`test/${row.id}`));
  if (ofNothing.length === 0) return;
  await catalog.commit(
    ofNothing.map(({ row }): CacheWrite => ({ remove: 'prediction', id: row.id })),
  );
}
