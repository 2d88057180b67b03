import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { decodeImage, decodeMask, onPixels } from '../../src/operators/decode.js';
import type { GreyImage } from '../../src/operators/image.js';
import { resizeImage, resizeMask } from '../../src/operators/resize.js';
import { type OpenStore, openStore } from '../../src/store/open-store.js';
import { pixelKey } from '../../src/store/pixel-keys.js';
import { takeInOnce } from '../../src/streams/intake/take-in-once.js';
import { imageBytes, maskBytes, RawFolder } from '../support/raw-folder.js';
import { testSettings } from '../support/test-settings.js';

const maxPixels = 1e6;
let folder: RawFolder;
let store: OpenStore;

beforeEach(async () => {
  folder = await RawFolder.make();
  store = await openStore(folder.store, 'test');
});
afterEach(async () => {
  await store.close();
  await folder.delete();
});

/** The lower half, as a frame around a scan is cut off. */
function crop({ height, width, data }: GreyImage): GreyImage {
  const rows = Math.floor(height / 2);
  return { height: rows, width, data: data.slice((height - rows) * width) };
}

test('a step between decoding and resizing works on every format, for images and masks', async () => {
  // A plain TIFF is otherwise resized without being decoded.
  const files = new Map<string, Uint8Array>([
    ['train/1_1.tif', imageBytes(1)],
    ['train/1_1_mask.tif', maskBytes(1)],
    ['train/1_2.png', await sharp(imageBytes(2)).png().toBuffer()],
    ['train/1_2_mask.png', await sharp(maskBytes(2)).png().toBuffer()],
    ['test/3.tif', imageBytes(3)],
  ]);
  for (const [path, bytes] of files) await writeFile(join(folder.raw, path), bytes);
  const settings = testSettings(folder);
  await takeInOnce({ ...store, settings, imageSteps: [onPixels(crop)] }, () => {});

  expect(store.catalog.samples.size).toBe(3);
  for (const [path, bytes] of files) {
    const isMask = path.includes('mask');
    const decoded = await (isMask ? decodeMask : decodeImage)(bytes, { maxPixels });
    if (!decoded.ok) throw new Error(decoded.failure.message);
    const { data } = await (isMask ? resizeMask : resizeImage)(crop(decoded.value), settings.size);
    const file = store.catalog.files.get(path)!;
    const [record] = await store.catalog.cache.readPixels([
      pixelKey(file.sha256, file.kind as 'image' | 'mask', file.preprocessing),
    ]);
    expect(record).toMatchObject({ originalHeight: 20, originalWidth: 24 });
    expect([...record!.pixels]).toEqual([...data]);
  }
});
