import type { CacheWrite } from './cache-writes.js';
import type { Catalog } from './catalog.js';
import { PackedMap } from './packed-map.js';
import { partsOfPixelKey } from './pixel-keys.js';

const removalsAtOnce = 256;
const addedAtOnce = 1000;

/**
 * Removes pixels that no file has any more, and returns how many. To be called while nothing is
 * being taken in: until then the pixels of a file that went are kept, since it may only have been
 * renamed. Rejects as `Catalog.commit` does.
 */
export async function sweepPixels(catalog: Catalog): Promise<number> {
  catalog.sweepBegun();
  try {
    const removals = (await unusedPixelKeys(catalog)).map(
      (key): CacheWrite => ({ remove: 'pixels', key }),
    );
    for (let start = 0; start < removals.length; start += removalsAtOnce) {
      await catalog.commit(removals.slice(start, start + removalsAtOnce));
    }
    return removals.length;
  } catch (error) {
    catalog.sweepFailed();
    throw error;
  }
}

/** Keys of pixels that belong to no file and to no sample of the catalog. */
export async function unusedPixelKeys(catalog: Catalog): Promise<string[]> {
  const keep = new ContentsInUse();
  await keep.addAll(catalog.files.values(), ({ sha256 }) => [sha256]);
  // A sample may lag behind its file when the store has refused it.
  await keep.addAll(catalog.samples.values(), ({ imageSha, maskSha }) => [imageSha, maskSha ?? '']);
  const unused: string[] = [];
  for await (const key of catalog.cache.pixelKeys()) if (!keep.has(key)) unused.push(key);
  return unused;
}

/** What pixels are still of use, by content and preprocessing. */
class ContentsInUse {
  private readonly byPreprocessing = new Map<string, PackedMap>();

  /** Some at a time; in between others have their turn. */
  async addAll<T extends { readonly preprocessing: string }>(
    records: Iterable<T>,
    contentsOf: (record: T) => readonly string[],
  ): Promise<void> {
    let added = 0;
    for (const record of records) {
      for (const sha of contentsOf(record)) this.tableOf(record.preprocessing).add(startOf(sha));
      if (++added % addedAtOnce === 0) await new Promise(setImmediate);
    }
  }

  has(key: string): boolean {
    const { sha256, preprocessing } = partsOfPixelKey(key);
    return this.tableOf(preprocessing).find(startOf(sha256)) >= 0;
  }

  private tableOf(preprocessing: string): PackedMap {
    let table = this.byPreprocessing.get(preprocessing);
    if (table === undefined) {
      table = new PackedMap(0);
      this.byPreprocessing.set(preprocessing, table);
    }
    return table;
  }
}

/** So much of a hash tells it from all others of a store; were it not so, pixels would be kept too long. */
function startOf(sha256: string): string {
  return sha256.slice(0, 20);
}
