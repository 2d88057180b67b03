import sharp from 'sharp';
import { expect, test } from 'vitest';
import { decodeMask } from '../../src/operators/decode.js';
import { encodeMaskPng } from '../../src/operators/mask-png.js';
import { randomFrom } from '../../src/operators/seeded-random.js';

test('a mask survives the way through its PNG, which any viewer shows', async () => {
  const size = { height: 33, width: 57 };
  const random = randomFrom('png');
  const mask = Uint8Array.from({ length: 33 * 57 }, () => +(random() < 0.4));
  const file = await encodeMaskPng(mask, size);
  expect(await decodeMask(file, { maxPixels: 10_000 })).toEqual({
    ok: true,
    value: { ...size, data: mask },
  });
  const { data, info } = await sharp(file)
    .toColourspace('b-w')
    .raw()
    .toBuffer({ resolveWithObject: true });
  expect(info).toMatchObject({ ...size, channels: 1 });
  expect(new Set(data)).toEqual(new Set([0, 255]));
  expect(await sharp(file).metadata()).toMatchObject({ format: 'png', space: 'b-w', channels: 1 });
});

test('an empty mask has a picture too', async () => {
  const file = await encodeMaskPng(new Uint8Array(420 * 580), { height: 420, width: 580 });
  expect(file.length).toBeLessThan(2000);
});
