import type { GreyImage, GridSize } from '../../operators/image.js';
import { resizeImage } from '../../operators/resize.js';
import { fail, ok, type Result } from '../../operators/result.js';
import type { Cache } from '../../store/cache.js';
import type { Catalog } from '../../store/catalog.js';
import { kindOf } from '../../store/pixel-keys.js';
import type { FileRecord, SampleRecord } from '../../store/records.js';
import { readSamplePixels } from '../../store/sample-pixels.js';
import { TruthMasks } from '../evaluation/truth-masks.js';
import { type FileContext, readAgain } from '../intake/read-again.js';

/** Where the pairs come from that a model is scored on. */
export interface PairReader {
  /** At a model's size. */
  images(pairs: readonly SampleRecord[], size: GridSize): Promise<Result<readonly Uint8Array[]>>;
  /** Of 0 and 1, on the grid on which the model is scored. */
  truth(pair: SampleRecord, size: GridSize): Promise<Result<GreyImage>>;
}

/** The network's grid, for models of the size that is cached. Rejects when pixels are lost. */
export function cachedPairs(cache: Pick<Cache, 'readPixels'>): PairReader {
  return {
    images: async (pairs) => ok(await readSamplePixels(cache, pairs, 'image')),
    async truth(pair, size) {
      const [data] = await readSamplePixels(cache, [pair], 'mask');
      return ok({ ...size, data: data! });
    },
  };
}

/** The images' own grid, for models of whatever size. Fails where a file is not as it was taken in. */
export function originalPairs(context: FileContext, catalog: Pick<Catalog, 'files'>): PairReader {
  const masks = new TruthMasks(context, catalog);
  const images = new Map<string, FileRecord>();
  for (const record of catalog.files.values()) {
    if (kindOf(record) === 'image') images.set(record.sha256, record);
  }
  return {
    async images(pairs, size) {
      const resized: Uint8Array[] = [];
      for (const { id, imageSha } of pairs) {
        const record = images.get(imageSha);
        if (record === undefined) return fail('GONE', `the image of ${id} is not in the cache`);
        const read = await readAgain(record, context);
        if (!read.ok) return read;
        resized.push((await resizeImage(read.value, size)).data);
      }
      return ok(resized);
    },
    truth: (pair) => masks.read(pair),
  };
}
