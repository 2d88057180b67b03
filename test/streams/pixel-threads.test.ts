import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeImage, decodeMask } from '../../src/operators/decode.js';
import { resizeImage, resizeMask } from '../../src/operators/resize.js';
import type { PixelThreads } from '../../src/streams/pixel-threads.js';
import { tiffFile } from '../operators/tiff-file.js';

/** Threads run what was built; here TypeScript runs as it is. */
const built = new URL('../../dist/streams/pixel-threads.js', import.meta.url);
const size = { height: 8, width: 10 };
const maxPixels = 10_000;

describe.skipIf(!existsSync(built))('threads', () => {
  const start = async (): Promise<PixelThreads> => {
    const { PixelThreads } = (await import(built.href)) as { PixelThreads: new () => PixelThreads };
    return new PixelThreads();
  };
  const fileOf = (seed: number, values: number) =>
    tiffFile(
      { height: 30, width: 40 },
      Uint8Array.from({ length: 1200 }, (_, at) => ((at * seed) % values) * (255 / (values - 1))),
    );

  it('make the very pixels that are made without them, of many files at once', async () => {
    const threads = await start();
    const made = Array.from({ length: 40 }, async (_, nth) => {
      const kind = nth % 2 === 0 ? 'image' : 'mask';
      const bytes = fileOf(nth + 3, nth % 4 === 1 ? 2 : 6);
      const record = await threads.make({ bytes, kind, size, maxPixels });
      const decoded = await (kind === 'image' ? decodeImage : decodeMask)(bytes, { maxPixels });
      if (!decoded.ok) throw new Error(decoded.failure.message);
      const { data } = await (kind === 'image' ? resizeImage : resizeMask)(decoded.value, size);
      expect(record).toEqual({ originalHeight: 30, originalWidth: 40, pixels: data });
    });
    await Promise.all(made);
  });

  it('leave other files to whoever asks', async () => {
    const threads = await start();
    const make = (bytes: Uint8Array, limit = maxPixels) =>
      threads.make({ bytes, kind: 'image', size, maxPixels: limit });
    expect(await make(Buffer.from('no image'))).toBe(null);
    expect(await make(fileOf(3, 6).subarray(0, 900))).toBe(null);
    expect(await make(fileOf(3, 6), 100)).toBe(null);
  });
});
