import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { decodeLzw } from '../../src/formats/lzw.js';
import { readTiffPages, tiffTags } from '../../src/formats/tiff-pages.js';
import { gradient, gradientSize } from '../support/gradient.js';
import { readGrey } from '../support/read-grey.js';
import { bytesOfValues, tiffOfPages } from '../support/tiff-pages.js';

const grey8 = Uint8Array.from(gradient);
const float = bytesOfValues(Float32Array.from(gradient, (value) => value / 255));
const header = `type: float\ndimension: 2\nsizes: 70 50\nendian: little\n`;
const raw = { raw: { ...gradientSize, channels: 1 } } as const;

/** As libtiff compresses it, taken out of a file that it has written. */
async function lzw(bytes: Uint8Array): Promise<Uint8Array> {
  const row = { height: 1, width: bytes.length, channels: 1 } as const;
  const file = await sharp(bytes, { raw: row })
    .toColourspace('b-w')
    .tiff({ compression: 'lzw', predictor: 'none' })
    .toBuffer();
  const [page] = readTiffPages(file).pages;
  const start = page!.tags.get(tiffTags.stripOffsets)![0]!;
  return file.subarray(start, start + page!.tags.get(tiffTags.stripByteCounts)![0]!);
}

const files: Readonly<Record<string, Uint8Array>> = {
  'TIFF of two pages': tiffOfPages([
    { ...gradientSize, bits: 8, pixels: grey8 },
    { ...gradientSize, bits: 32, format: 3, pixels: float },
  ]),
  'TIFF of 32 bits, LZW': tiffOfPages([
    { ...gradientSize, bits: 32, format: 3, pixels: await lzw(float), tags: [[259, 3, [5]]] },
  ]),
  'ImageJ stack': tiffOfPages([
    {
      ...gradientSize,
      bits: 8,
      pixels: Uint8Array.from([...grey8, ...grey8]),
      tags: [[270, 2, 'ImageJ=1\nimages=2\n']],
    },
  ]),
  PNG: await sharp(grey8, raw).png().toBuffer(),
  JPEG: await sharp(grey8, raw).withMetadata({ orientation: 6 }).jpeg().toBuffer(),
  NRRD: Buffer.concat([Buffer.from(`NRRD0004\n${header}encoding: gzip\n\n`), gzipSync(float)]),
};

test.each(
  Object.keys(files),
)('a %s, damaged anywhere, is read or refused, never thrown at', async (name) => {
  const whole = files[name]!;
  const damage = fc.array(
    fc.record({ at: fc.nat({ max: whole.length - 1 }), to: fc.integer({ min: 0, max: 255 }) }),
    { minLength: 1, maxLength: 6 },
  );
  // Half of it where the headers are.
  const early = fc.nat({ max: 1 });
  await fc.assert(
    fc.asyncProperty(
      damage,
      early,
      fc.nat({ max: whole.length }),
      async (changes, isEarly, cut) => {
        const bytes = Uint8Array.from(whole);
        for (const { at, to } of changes)
          bytes[isEarly === 1 ? at % 200 : bytes.length - 1 - (at % 200)] = to;
        const result = await readGrey(cut % 3 === 0 ? bytes.subarray(0, cut) : bytes, {}, 100_000);
        expect(typeof result === 'string' || result.length > 0).toBe(true);
      },
    ),
    { numRuns: 150 },
  );
});

test('LZW gives back what was compressed, and ends whatever it is given', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 3000, max: 9 }), async (bytes) => {
      expect(decodeLzw(await lzw(bytes))).toEqual(bytes);
    }),
  );
  const many = Uint8Array.from({ length: 60_000 }, (_, at) => (at * at) >> 5);
  expect(decodeLzw(await lzw(many))).toEqual(many);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      try {
        expect(decodeLzw(bytes).length).toBeLessThan(400 * 4096);
      } catch (error) {
        expect((error as Error).message).toContain('stands for nothing');
      }
    }),
  );
});
