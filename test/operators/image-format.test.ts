import { expect, test } from 'vitest';
import { endsEarly, imageFormat, lacksPixels } from '../../src/operators/image-format.js';
import { tiffFile } from '../support/tiff-file.js';

test.each([
  [[0x49, 0x49, 42, 0, 8, 0, 0, 0], 'tiff'],
  [[0x4d, 0x4d, 0, 42], 'tiff'],
  [[0x49, 0x49, 43, 0], 'tiff'],
  [[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0], 'png'],
  [[0xff, 0xd8, 0xff, 0xe0], 'jpeg'],
  [[0x89, 0x50, 0x4e], 'cut-short'],
  [[0xff], 'cut-short'],
  [[0x49, 0x49, 42, 1], null],
  [[0x47, 0x49, 0x46, 0x38], null],
  [[0, 0], null],
])('%j is %s', (bytes, format) => {
  expect(imageFormat(Uint8Array.from(bytes))).toBe(format);
});

test('a TIFF lacks pixels when its directory or its strips are not all there', () => {
  const size = { height: 4, width: 5 };
  for (const bigEndian of [false, true]) {
    const file = tiffFile(size, new Uint8Array(20), { bigEndian });
    expect(lacksPixels(file, 'tiff')).toBe(false);
    for (let length = 4; length < file.length; length++) {
      expect(lacksPixels(file.subarray(0, length), 'tiff')).toBe(true);
    }
  }
});

test('tags behind the pixels may be missing for the pixels, not for the file', () => {
  const file = tiffFile({ height: 2, width: 2 }, new Uint8Array(4));
  const view = new DataView(file.buffer);
  // SamplesPerPixel becomes a resolution far behind the end.
  view.setUint16(10 + 6 * 12, 282, true);
  view.setUint16(10 + 6 * 12 + 2, 5, true);
  view.setUint32(10 + 6 * 12 + 8, 9999, true);
  expect(lacksPixels(file, 'tiff')).toBe(false);
  expect(endsEarly(file, 'tiff')).toBe(true);
});

test('a directory that claims billions of values costs nothing', () => {
  const file = tiffFile({ height: 2, width: 2 }, new Uint8Array(4));
  new DataView(file.buffer).setUint32(10 + 5 * 12 + 4, 0xffff_ffff, true);
  expect(lacksPixels(file, 'tiff')).toBe(true);
});

test('values of no known type, which take no room, are not believed to be there', () => {
  const file = tiffFile({ height: 2, width: 2 }, new Uint8Array(4));
  const view = new DataView(file.buffer);
  view.setUint16(10 + 5 * 12 + 2, 14, true);
  view.setUint32(10 + 5 * 12 + 4, 0x0800_0000, true);
  expect(lacksPixels(file, 'tiff')).toBe(false);
});
