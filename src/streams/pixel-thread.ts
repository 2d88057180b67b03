import { parentPort } from 'node:worker_threads';
import type { GridSize } from '../operators/image.js';
import { maskOfBytes } from '../operators/mask-of-bytes.js';
import { decodePlainTiff } from '../operators/plain-tiff.js';
import { resizeImage, resizeMask } from '../operators/resize.js';
import type { PixelRecord } from '../store/records.js';

export interface PixelTask {
  readonly bytes: Uint8Array;
  readonly kind: 'image' | 'mask';
  readonly size: GridSize;
  readonly maxPixels: number;
}

/** Null: not a file for this thread; whoever asked has to do it. */
async function done({ bytes, kind, size, maxPixels }: PixelTask): Promise<PixelRecord | null> {
  const image = decodePlainTiff(bytes, maxPixels);
  if (image === null) return null;
  const { height, width } = image;
  const resized =
    kind === 'image'
      ? await resizeImage(image, size)
      : await resizeMask({ height, width, data: maskOfBytes(image.data, true) }, size);
  return { originalHeight: height, originalWidth: width, pixels: resized.data };
}

parentPort?.on('message', async (task: PixelTask) => parentPort?.postMessage(await done(task)));
