import type { Catalog } from '../../store/catalog.js';
import type { SampleRecord } from '../../store/records.js';
import { readSamplePixels } from '../../store/sample-pixels.js';

/** Masks read at once; mostly the first few have some. */
const chunkLength = 32;

/** Whether any mask of these samples shows anything at all. */
export async function hasForeground(
  { cache }: Pick<Catalog, 'cache'>,
  samples: readonly SampleRecord[],
): Promise<boolean> {
  for (let start = 0; start < samples.length; start += chunkLength) {
    const masks = await readSamplePixels(cache, samples.slice(start, start + chunkLength), 'mask');
    if (masks.some((mask) => mask.includes(1))) return true;
  }
  return false;
}
