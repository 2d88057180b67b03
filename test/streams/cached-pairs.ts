import {
  preprocessingKey,
  preprocessingOf,
  sampleFingerprint,
  sha256,
} from '../../src/operators/fingerprint.js';
import type { GridSize } from '../../src/operators/image.js';
import { resizeImage, resizeMask } from '../../src/operators/resize.js';
import type { CacheWrite } from '../../src/store/cache-writes.js';
import type { Catalog } from '../../src/store/catalog.js';
import { pixelKey } from '../../src/store/pixel-keys.js';
import type { SampleRecord } from '../../src/store/records.js';
import type { SyntheticPair } from '../../src/synthetic/ultrasound.js';

/**
 * Puts pairs into the cache as an ingest would, without files.
 *
 * @param hasOwnMasks each mask is kept for itself, although all empty ones are the same
 */
export async function cachePairs(
  catalog: Catalog,
  pairs: Iterable<SyntheticPair & { readonly id: string }>,
  size: GridSize,
  { hasOwnMasks = false } = {},
): Promise<SampleRecord[]> {
  const samples: SampleRecord[] = [];
  for (const { id, image, mask, height, width } of pairs) {
    const preprocessing = preprocessingOf({ size });
    const key = preprocessingKey(preprocessing);
    const imageSha = sha256(image);
    const maskSha = hasOwnMasks ? sha256(`mask of ${id}`) : sha256(mask);
    const original = { originalHeight: height, originalWidth: width };
    const { data: imagePixels } = await resizeImage({ height, width, data: image }, size);
    const { data: maskPixels } = await resizeMask({ height, width, data: mask }, size);
    const sample: SampleRecord = {
      id,
      split: 'train',
      imageSha,
      maskSha,
      fingerprint: sampleFingerprint({ image: imageSha, mask: maskSha, preprocessing }),
      preprocessing: key,
    };
    const writes: CacheWrite[] = [
      {
        put: 'pixels',
        key: pixelKey(imageSha, 'image', key),
        record: { ...original, pixels: imagePixels },
      },
      {
        put: 'pixels',
        key: pixelKey(maskSha, 'mask', key),
        record: { ...original, pixels: maskPixels },
      },
      { put: 'sample', record: sample },
    ];
    await catalog.commit(writes);
    samples.push(sample);
  }
  return samples;
}
