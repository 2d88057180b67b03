import fc from 'fast-check';
import sharp, { type TiffOptions } from 'sharp';
import { describe, expect, it } from 'vitest';
import { maskOfBytes } from '../../src/operators/mask-of-bytes.js';
import { decodePlainTiff, resizePlainTiff } from '../../src/operators/plain-tiff.js';
import { resizeImage, resizeMask } from '../../src/operators/resize.js';
import { tiffFile } from '../support/tiff-file.js';

const limit = 1_000_000;

/** From noise, which LZW makes longer, to one value, which it makes a few bytes of. */
const images = fc
  .record({
    height: fc.integer({ min: 1, max: 90 }),
    width: fc.integer({ min: 1, max: 130 }),
    values: fc.constantFrom(1, 2, 3, 16, 256),
    seed: fc.integer({ min: 1, max: 2 ** 31 - 2 }),
  })
  .map(({ height, width, values, seed }) => {
    let state = seed;
    const data = Uint8Array.from({ length: height * width }, () => {
      state = (state * 48_271) % 2_147_483_647;
      return (state % values) * Math.floor(255 / values);
    });
    return { height, width, data };
  });

const encodings = fc.constantFrom<TiffOptions>(
  { compression: 'none' },
  { compression: 'lzw', predictor: 'none' },
  { compression: 'lzw', predictor: 'horizontal' },
);

/** Quicker than `toEqual` by far, where there are many. */
function isSame(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && Buffer.compare(a, b) === 0;
}

describe('a plain TIFF', () => {
  it('has the very pixels that libtiff wrote', async () => {
    await fc.assert(
      fc.asyncProperty(images, encodings, async ({ height, width, data }, options) => {
        const image = sharp(data, { raw: { height, width, channels: 1 } }).toColourspace('b-w');
        const decoded = decodePlainTiff(await image.tiff(options).toBuffer(), limit);
        expect(decoded).toEqual({ height, width, data });
      }),
      { numRuns: 150 },
    );
  });

  it('may have several strips, long runs and noise', async () => {
    const { height, width } = { height: 601, width: 583 };
    const data = Uint8Array.from({ length: height * width }, (_, at) => {
      const row = Math.floor(at / width);
      return row % 97 < 40 ? 0 : (Math.imul(at, 2_654_435_761) >>> 9) & 255;
    });
    const image = sharp(data, { raw: { height, width, channels: 1 } }).toColourspace('b-w');
    for (const predictor of ['none', 'horizontal'] as const) {
      const file = await image.clone().tiff({ compression: 'lzw', predictor }).toBuffer();
      expect(isSame(decodePlainTiff(file, limit)?.data, data)).toBe(true);
    }
  });

  it('is resized to the very pixels that decoding and then resizing gives', async () => {
    const anySize = fc.record({
      height: fc.integer({ min: 1, max: 120 }),
      width: fc.integer({ min: 1, max: 120 }),
    });
    const labels = fc.constantFrom(1, 2, 255);
    await fc.assert(
      fc.asyncProperty(images, anySize, labels, async (image, size, most) => {
        const { height, width } = image;
        const { data: pixels } = await resizeImage(image, size);
        const made = resizePlainTiff(tiffFile(image, image.data), 'image', size, limit);
        expect(made).toMatchObject({ originalHeight: height, originalWidth: width });
        expect(isSame(made?.pixels, pixels)).toBe(true);

        const ofLabels = image.data.map((value) => Math.min(value, most));
        const ofHalf = image.data.map((value) => (value >= 128 ? value : 0));
        for (const data of [ofLabels, ofHalf]) {
          const madeMask = resizePlainTiff(tiffFile(image, data), 'mask', size, limit);
          const mask = maskOfBytes(data, true);
          if (mask === null) {
            expect(madeMask).toBeNull();
            continue;
          }
          const { data: maskPixels } = await resizeMask({ height, width, data: mask }, size);
          expect(isSame(madeMask?.pixels, maskPixels)).toBe(true);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('may be large: what it takes is given back', () => {
    const size = { height: 2100, width: 2100 };
    const data = new Uint8Array(2100 * 2100).fill(7);
    const large = resizePlainTiff(tiffFile(size, data), 'image', { height: 3, width: 2 }, 1e9);
    expect(large?.pixels).toEqual(new Uint8Array(6).fill(7));
    const target = { height: 300, width: 200 };
    const small = resizePlainTiff(tiffFile({ height: 1, width: 1 }, [9]), 'image', target, 1e9);
    expect(isSame(small?.pixels, new Uint8Array(300 * 200).fill(9))).toBe(true);
  });

  it('may have either byte order', () => {
    const data = Uint8Array.from({ length: 35 }, (_, at) => at * 7);
    for (const bigEndian of [false, true]) {
      const file = tiffFile({ height: 5, width: 7 }, data, { bigEndian });
      expect(decodePlainTiff(file, limit)).toEqual({ height: 5, width: 7, data });
    }
  });
});

describe('is left to libvips', () => {
  const { height, width } = { height: 30, width: 40 };
  const data = Uint8Array.from({ length: height * width }, (_, at) => (at * at) % 251);
  const grey = () => sharp(data, { raw: { height, width, channels: 1 } }).toColourspace('b-w');

  it.each([
    ['colour', () => sharp(data, { raw: { height: 10, width: 40, channels: 3 } }).tiff()],
    ['16 bits', () => grey().toColourspace('grey16').tiff()],
    ['deflate', () => grey().tiff({ compression: 'deflate' })],
    ['JPEG', () => grey().tiff({ compression: 'jpeg' })],
    ['tiles', () => grey().tiff({ tile: true, tileWidth: 16, tileHeight: 16 })],
    ['one bit', () => grey().tiff({ bitdepth: 1 })],
    ['black as 1', () => grey().tiff({ miniswhite: true, compression: 'lzw' })],
    ['a BigTIFF', () => grey().tiff({ bigtiff: true, compression: 'lzw' })],
    ['a pyramid of tiles', () => grey().tiff({ pyramid: true, tile: true })],
  ])('%s', async (_, image) => {
    expect(decodePlainTiff(await image().toBuffer(), limit)).toBe(null);
  });

  it('more pixels than the limit', () => {
    expect(decodePlainTiff(tiffFile({ height, width }, data), height * width - 1)).toBe(null);
  });

  it('more pixels than the kernels take, or sums that 32 bits do not hold', () => {
    const wide = { height: 1, width: 2 ** 23 + 1 };
    expect(decodePlainTiff(tiffFile(wide, []), 1e9)).toBe(null);
    const line = tiffFile({ height: 3, width: 3 }, []);
    expect(resizePlainTiff(line, 'image', { height: 1, width: 20_000 }, 1e9)).toBe(null);
    expect(resizePlainTiff(line, 'image', { height: 4_000, width: 4_000 }, 1e9)).toBe(null);
  });

  it('what ends early, at whatever byte', async () => {
    const file = await grey().tiff({ compression: 'lzw' }).toBuffer();
    for (let length = 0; length < file.length; length += 3) {
      const decoded = decodePlainTiff(file.subarray(0, length), limit);
      // Only tags that say nothing of the pixels may be cut off.
      if (decoded !== null) expect(decoded.data).toEqual(data);
    }
  });

  it('what was damaged never throws, writes beyond its end or goes on for ever', async () => {
    const file = await grey().tiff({ compression: 'lzw' }).toBuffer();
    const damage = fc.array(fc.tuple(fc.nat({ max: file.length - 1 }), fc.nat({ max: 255 })), {
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(damage, (changes) => {
        const copy = Buffer.from(file);
        for (const [at, value] of changes) copy[at] = value;
        const decoded = decodePlainTiff(copy, limit);
        if (decoded) expect(decoded.data).toHaveLength(decoded.height * decoded.width);
      }),
      { numRuns: 500 },
    );
  });
});
