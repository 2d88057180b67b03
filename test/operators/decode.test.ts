import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { decodeImage, decodeMask } from '../../src/operators/decode.js';
import { randomFrom } from '../../src/operators/seeded-random.js';
import { tiffFile } from '../support/tiff-file.js';

const height = 40;
const width = 60;
const pixels = height * width;
const limit = { maxPixels: 1_000_000 };
const random = randomFrom('decode');

const grey = Uint8Array.from({ length: pixels }, () => random() * 256);
const grey16 = Uint16Array.from({ length: pixels }, () => random() * 65536);
const colour = Uint8Array.from({ length: pixels * 3 }, () => random() * 256);
const ofGrey = (data = grey) =>
  sharp(data, { raw: { height, width, channels: 1 } }).toColourspace('b-w');
const ofGrey16 = (data = grey16) =>
  sharp(data, { raw: { height, width, channels: 1 } }).toColourspace('grey16');
const ofColour = (data = colour) => sharp(data, { raw: { height, width, channels: 3 } });
const greyAsColour = () =>
  ofColour(Uint8Array.from(colour, (_, index) => grey[Math.floor(index / 3)]!));
/** The same grey everywhere, and a changing transparency over it. */
const withAlpha = () =>
  sharp(
    Uint8Array.from({ length: pixels * 4 }, (_, index) =>
      index % 4 === 3 ? index & 255 : grey[Math.floor(index / 4)]!,
    ),
    { raw: { height, width, channels: 4 } },
  );

async function decoded(bytes: Uint8Array): Promise<Uint8Array> {
  const result = await decodeImage(bytes, limit);
  if (!result.ok) throw new Error(JSON.stringify(result.failure));
  expect([result.value.height, result.value.width]).toEqual([height, width]);
  return result.value.data;
}

async function decodedMask(bytes: Uint8Array): Promise<number[]> {
  const result = await decodeMask(bytes, limit);
  if (!result.ok) throw new Error(JSON.stringify(result.failure));
  return [...result.value.data];
}

async function failureOf(bytes: Uint8Array, options = limit): Promise<string> {
  const [image, mask] = [await decodeImage(bytes, options), await decodeMask(bytes, options)];
  expect(mask).toEqual(image);
  return image.ok ? 'decoded' : image.failure.code;
}

describe('an image comes out as it was stored', () => {
  test.each([
    ['TIFF', () => ofGrey().tiff({ compression: 'none' })],
    ['TIFF, LZW', () => ofGrey().tiff({ compression: 'lzw' })],
    [
      'TIFF, LZW with a predictor',
      () => ofGrey().tiff({ compression: 'lzw', predictor: 'horizontal' }),
    ],
    ['TIFF, Deflate', () => ofGrey().tiff({ compression: 'deflate' })],
    ['TIFF, PackBits', () => ofGrey().tiff({ compression: 'packbits' })],
    [
      'TIFF, tiled',
      () => ofGrey().tiff({ compression: 'lzw', tile: true, tileWidth: 16, tileHeight: 16 }),
    ],
    ['BigTIFF', () => ofGrey().tiff({ compression: 'lzw', bigtiff: true })],
    [
      'TIFF of several pages',
      () => ofGrey().tiff({ compression: 'lzw', pyramid: true, tile: true }),
    ],
    ['TIFF of grey as RGB', () => greyAsColour().tiff({ compression: 'lzw' })],
    ['TIFF of grey as RGBA', () => withAlpha().tiff({ compression: 'lzw' })],
    ['PNG', () => ofGrey().png()],
    ['PNG, interlaced', () => ofGrey().png({ progressive: true })],
    ['PNG of grey as RGB', () => greyAsColour().png()],
    ['PNG of grey as RGBA', () => withAlpha().png()],
    ['PNG of grey with alpha', () => withAlpha().toColourspace('b-w').png()],
    [
      'an orientation in EXIF, ignored',
      () => ofGrey().withMetadata({ orientation: 6 }).tiff({ compression: 'lzw' }),
    ],
    ['a colour profile, ignored', () => greyAsColour().withIccProfile('p3').png()],
  ])('%s', async (_, write) => {
    expect(await decoded(await write().toBuffer())).toEqual(grey);
  });

  test('values of 32 bits, whole numbers and floating point', async () => {
    expect(await decoded(tiffFile({ height, width }, grey, { bits: 32 }))).toEqual(grey);
    expect(await decoded(tiffFile({ height, width }, grey, { bits: 32, float: true }))).toEqual(
      grey,
    );
  });

  test('TIFF with its directory first, of either byte order', async () => {
    expect(await decoded(tiffFile({ height, width }, grey))).toEqual(grey);
    expect(await decoded(tiffFile({ height, width }, grey, { bigEndian: true }))).toEqual(grey);
  });

  test('TIFF and PNG with a palette', async () => {
    const inverted = (index: number) => [255 - index, 255 - index, 255 - index] as const;
    expect(await decoded(tiffFile({ height, width }, grey, { palette: inverted }))).toEqual(
      grey.map((value) => 255 - value),
    );
    const four = grey.map((value) => (value >> 6) * 85);
    expect(
      await decoded(await ofGrey(four).toColourspace('srgb').png({ palette: true }).toBuffer()),
    ).toEqual(four);
  });

  test('the first of several pages', async () => {
    const other = await ofGrey(grey.map((value) => 255 - value))
      .png()
      .toBuffer();
    const file = await sharp([await ofGrey().png().toBuffer(), other], { join: { animated: true } })
      .tiff({ compression: 'lzw' })
      .toBuffer();
    expect((await sharp(file).metadata()).pages).toBe(2);
    expect(await decoded(file)).toEqual(grey);
  });

  test('JPEG, alone and in a TIFF, nearly', async () => {
    const smooth = Uint8Array.from(
      { length: pixels },
      (_, index) => 2 * (index % width) + index / width,
    );
    const files = [
      await ofGrey(smooth).jpeg({ quality: 95 }).toBuffer(),
      await ofGrey(smooth).tiff({ compression: 'jpeg', quality: 95 }).toBuffer(),
      await ofColour(Uint8Array.from(colour, (_, index) => smooth[Math.floor(index / 3)]!))
        .jpeg({ quality: 95 })
        .toBuffer(),
    ];
    for (const file of files) {
      const data = await decoded(file);
      const worst = Math.max(...data.map((value, index) => Math.abs(value - smooth[index]!)));
      expect(worst).toBeLessThanOrEqual(3);
    }
  });

  test('16 bits become 8 linearly, rounded', async () => {
    const expected = Uint8Array.from(grey16, (value) => Math.round(value / 257));
    expect(await decoded(await ofGrey16().tiff({ compression: 'lzw' }).toBuffer())).toEqual(
      expected,
    );
    expect(await decoded(await ofGrey16().png().toBuffer())).toEqual(expected);
    expect(await decoded(tiffFile({ height, width }, grey16, { bits: 16 }))).toEqual(expected);
    expect(
      await decoded(tiffFile({ height, width }, grey16, { bits: 16, bigEndian: true })),
    ).toEqual(expected);
    const rgb16 = Uint16Array.from(
      { length: pixels * 3 },
      (_, index) => grey16[Math.floor(index / 3)]!,
    );
    const file = sharp(rgb16, { raw: { height, width, channels: 3 } }).toColourspace('rgb16');
    expect(await decoded(await file.png().toBuffer())).toEqual(expected);
  });

  test('colour becomes its luma', async () => {
    const expected = Uint8Array.from({ length: pixels }, (_, index) => {
      const [r, g, b] = colour.subarray(index * 3, index * 3 + 3);
      return Math.floor((299 * r! + 587 * g! + 114 * b!) / 1000 + 0.5);
    });
    expect(await decoded(await ofColour().tiff({ compression: 'lzw' }).toBuffer())).toEqual(
      expected,
    );
    expect(await decoded(await ofColour().png().toBuffer())).toEqual(expected);
    const cmyk = await decodeImage(await ofColour().toColourspace('cmyk').jpeg().toBuffer(), limit);
    expect(cmyk.ok).toBe(true);
  });

  test('a view into a larger buffer', async () => {
    const file = await ofGrey().png().toBuffer();
    const around = new Uint8Array(file.length + 13);
    around.set(file, 7);
    expect(await decoded(around.subarray(7, 7 + file.length))).toEqual(grey);
  });
});

describe('a mask comes out as 0 and 1', () => {
  const half = [...grey].map((value) => +(value >= 128));
  const truth = Uint8Array.from(half);

  test('foreground is half of the range and more', async () => {
    expect(await decodedMask(await ofGrey().tiff({ compression: 'lzw' }).toBuffer())).toEqual(half);
    expect(await decodedMask(await withAlpha().png().toBuffer())).toEqual(half);
    const half16 = [...grey16].map((value) => +(value >= 32768));
    expect(await decodedMask(await ofGrey16().tiff({ compression: 'lzw' }).toBuffer())).toEqual(
      half16,
    );
  });

  test.each([
    ['0/255', () => ofGrey(truth.map((value) => value * 255)).tiff({ compression: 'lzw' })],
    ['0/1', () => ofGrey(truth).tiff({ compression: 'lzw' })],
    ['labels 0/2', () => ofGrey(truth.map((value) => value * 2)).png()],
    [
      'labels up to 300 in 16 bits',
      () => ofGrey16(Uint16Array.from(truth, (value, at) => value * (300 - (at % 7)))).png(),
    ],
    ['0/1 as PNG', () => ofGrey(truth).png()],
    [
      '0/1 as RGB',
      () => ofColour(Uint8Array.from(colour, (_, index) => truth[Math.floor(index / 3)]!)).png(),
    ],
    ['0/1 in 16 bits', () => ofGrey16(Uint16Array.from(truth)).tiff({ compression: 'lzw' })],
    ['0/255 in 16 bits', () => ofGrey16(Uint16Array.from(truth, (value) => value * 255)).png()],
    ['0/65535 in 16 bits', () => ofGrey16(Uint16Array.from(truth, (value) => value * 65535)).png()],
    [
      'one bit',
      () => ofGrey(truth.map((value) => value * 255)).tiff({ compression: 'none', bitdepth: 1 }),
    ],
    [
      'red on black',
      () =>
        ofColour(
          Uint8Array.from(colour, (_, index) => (index % 3 === 0 ? 255 * truth[index / 3]! : 0)),
        ).png(),
    ],
  ])('%s', async (_, write) => {
    expect(await decodedMask(await write().toBuffer())).toEqual(half);
  });

  test('a palette counts by its colours, however dark its red', async () => {
    const black = [0, 0, 0] as const;
    for (const colours of [
      [255, 255, 255],
      [1, 1, 1],
      [128, 0, 0],
    ] as const) {
      const palette = (index: number) => (index === 1 ? colours : black);
      expect(await decodedMask(tiffFile({ height, width }, truth, { palette }))).toEqual(half);
    }
  });

  test('JPEG noise does not make an empty mask foreground', async () => {
    const noise = grey.map((value) => value % 4);
    const jpeg = await ofGrey(noise).jpeg({ quality: 100 }).toBuffer();
    expect((await decodedMask(jpeg)).includes(1)).toBe(false);
    expect(
      (await decodedMask(await ofGrey(new Uint8Array(pixels)).png().toBuffer())).includes(1),
    ).toBe(false);
  });
});

describe('what cannot be decoded is a failure with a code', () => {
  test.each([
    ['an empty file', new Uint8Array(0), 'EMPTY_FILE'],
    ['text', new TextEncoder().encode('img,pixels\n1,\n'), 'NOT_AN_IMAGE'],
    ['zeros', new Uint8Array(5000), 'NOT_AN_IMAGE'],
    ['SVG', new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'NOT_AN_IMAGE'],
    ['two bytes of a TIFF', Uint8Array.of(0x49, 0x49), 'TRUNCATED'],
    ['a header alone', Uint8Array.of(0x49, 0x49, 42, 0, 8, 0, 0, 0), 'TRUNCATED'],
  ])('%s', async (_, bytes, code) => {
    expect(await failureOf(bytes)).toBe(code);
  });

  test('GIF and WebP are not ours', async () => {
    expect(await failureOf(await ofColour().webp().toBuffer())).toBe('NOT_AN_IMAGE');
    expect(await failureOf(await ofColour().gif().toBuffer())).toBe('NOT_AN_IMAGE');
  });

  test.each([
    ['none', () => ofGrey().tiff({ compression: 'none' })],
    ['LZW', () => ofGrey().tiff({ compression: 'lzw' })],
    ['Deflate', () => ofGrey().tiff({ compression: 'deflate' })],
    ['PackBits', () => ofGrey().tiff({ compression: 'packbits' })],
    ['JPEG in TIFF', () => ofGrey().tiff({ compression: 'jpeg' })],
    ['BigTIFF', () => ofGrey().tiff({ compression: 'lzw', bigtiff: true })],
    ['RGB', () => ofColour().tiff({ compression: 'lzw' })],
    ['PNG', () => ofGrey().png()],
    ['JPEG', () => ofGrey().jpeg()],
  ])('cut anywhere it is TRUNCATED, never an image with pixels missing: %s', async (_, write) => {
    const file = await write().toBuffer();
    const whole = await decodeImage(file, limit);
    for (let share = 0.03; share < 1; share += 0.06) {
      const cut = await decodeImage(file.subarray(0, Math.floor(file.length * share)), limit);
      // Behind the pixels a TIFF may end with notes that nobody needs.
      if (cut.ok) expect(cut).toEqual(whole);
      else expect(cut.failure.code).toBe('TRUNCATED');
      if (share < 0.8) expect(cut.ok).toBe(false);
    }
  });

  test('also with the directory first', async () => {
    const file = tiffFile({ height, width }, grey);
    expect(await failureOf(file.subarray(0, -1))).toBe('TRUNCATED');
    expect(await failureOf(file.subarray(0, 200))).toBe('TRUNCATED');
  });

  test('broken inside is DECODE_FAILED, with one line for people', async () => {
    for (const file of [
      await ofColour().tiff({ compression: 'lzw' }).toBuffer(),
      await ofGrey().png().toBuffer(),
    ]) {
      file.fill(0xff, Math.floor(file.length * 0.3), Math.floor(file.length * 0.4));
      const result = await decodeImage(file, limit);
      expect(result).toMatchObject({ ok: false, failure: { code: 'DECODE_FAILED' } });
      if (!result.ok) expect(result.failure.message).toMatch(/^[^\n]+$/);
    }
  });

  test('an image larger than the limit names its size, and is not decoded', async () => {
    const file = await ofGrey().tiff({ compression: 'lzw' }).toBuffer();
    expect(await decodeImage(file, { maxPixels: pixels - 1 })).toEqual({
      ok: false,
      failure: {
        code: 'TOO_MANY_PIXELS',
        message: '40x60 pixels are more than the limit of 2399',
      },
    });
    expect((await decodeImage(file, { maxPixels: pixels })).ok).toBe(true);
    // A huge claim of a tiny file: 60000x60000 in a PNG's header.
    const bomb = await ofGrey().png().toBuffer();
    bomb.writeUInt32BE(60_000, 16);
    bomb.writeUInt32BE(60_000, 20);
    bomb.writeUInt32BE(crc32(bomb.subarray(12, 29)), 29);
    expect(await failureOf(bomb)).toBe('TOO_MANY_PIXELS');
  });

  test('random damage never throws', async () => {
    const files = await Promise.all([
      ofGrey().tiff({ compression: 'lzw' }).toBuffer(),
      ofGrey().png().toBuffer(),
      ofGrey().jpeg().toBuffer(),
    ]);
    for (let round = 0; round < 150; round++) {
      const file = Uint8Array.from(files[round % 3]!);
      for (let hit = 0; hit < 6; hit++) {
        // Most of the structure is in the first and last bytes.
        const near = random() < 0.5 ? file.length : Math.min(200, file.length);
        const at = Math.floor(random() * near);
        file[random() < 0.5 ? at : file.length - 1 - at] = Math.floor(random() * 256);
      }
      const result = await decodeImage(file, limit);
      if (result.ok)
        expect(result.value.data.length).toBe(result.value.height * result.value.width);
    }
  });
});

function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ -1) >>> 0;
}

const real = resolve(import.meta.dirname, '../../../shared/data/usgra/raw');
test.skipIf(!existsSync(real))('real ultrasound images and their masks', async () => {
  const folder = resolve(real, 'train');
  const masks = readdirSync(folder).filter((name) => name.endsWith('_mask.tif'));
  expect(masks.length).toBeGreaterThan(0);
  for (const name of masks.filter((_, nth) => nth % 4 === 0)) {
    const image = await decodeImage(
      readFileSync(resolve(folder, name.replace('_mask', ''))),
      limit,
    );
    const mask = await decodeMask(readFileSync(resolve(folder, name)), limit);
    if (!image.ok || !mask.ok) throw new Error(`${name} did not decode`);
    expect([image.value.height, image.value.width]).toEqual([420, 580]);
    expect([mask.value.height, mask.value.width]).toEqual([420, 580]);
    const foreground = mask.value.data.reduce((sum, value) => sum + value, 0);
    expect(foreground).toBeGreaterThan(500);
    expect(foreground).toBeLessThan(60_000);
    expect(new Set(image.value.data).size).toBeGreaterThan(50);
  }
});
