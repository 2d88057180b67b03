import { type CacheWrite, pixelKey } from '../store/cache.js';
import type { Catalog } from '../store/catalog.js';
import type { SampleRecord } from '../store/records.js';
import { pixelKeysOf } from './batches.js';

const REMOVALS_AT_ONCE = 256;

/**
 * Removes pixels that no file has any more, and returns how many. To be called while nothing is
 * being taken in: until then the pixels of a file that went are kept, since it may only have been
 * renamed.
 */
export async function sweepPixels(
  catalog: Catalog,
  inUse: readonly SampleRecord[],
): Promise<number> {
  const removals = (await unusedPixelKeys(catalog, inUse)).map(
    (key): CacheWrite => ({ remove: 'pixels', key }),
  );
  for (let start = 0; start < removals.length; start += REMOVALS_AT_ONCE) {
    await catalog.commit(removals.slice(start, start + REMOVALS_AT_ONCE));
  }
  return removals.length;
}

/** Keys of pixels that belong to no file of the catalog and to no sample, of it or of `inUse`. */
export async function unusedPixelKeys(
  catalog: Catalog,
  inUse: readonly SampleRecord[],
): Promise<string[]> {
  const keep = new Set<string>();
  for (const { sha256, preprocessing } of catalog.files.values()) {
    keep.add(pixelKey(sha256, 'image', preprocessing));
    keep.add(pixelKey(sha256, 'mask', preprocessing));
  }
  // A sample may lag behind its file when the store has refused it.
  for (const sample of [...catalog.samples.values(), ...inUse]) {
    const { image, mask } = pixelKeysOf(sample);
    keep.add(image);
    keep.add(mask);
  }
  const unused: string[] = [];
  for await (const key of catalog.cache.pixelKeys()) if (!keep.has(key)) unused.push(key);
  return unused;
}
