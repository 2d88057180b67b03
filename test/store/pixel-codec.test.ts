import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodePixelRecord, encodePixelRecord } from '../../src/store/pixel-codec.js';

test('what is encoded is decoded, wherever in a larger buffer it lies', () => {
  const size = fc.integer({ min: 0, max: 0xffffffff });
  fc.assert(
    fc.property(
      size,
      size,
      fc.uint8Array({ maxLength: 100 }),
      fc.nat(9),
      (originalHeight, originalWidth, pixels, offset) => {
        const record = { originalHeight, originalWidth, pixels };
        const encoded = encodePixelRecord(record);
        const within = new Uint8Array(encoded.length + offset + 3);
        within.set(encoded, offset);
        const decoded = decodePixelRecord(within.subarray(offset, offset + encoded.length));
        expect({ ...decoded, pixels: Array.from(decoded.pixels) }).toEqual({
          ...record,
          pixels: Array.from(pixels),
        });
      },
    ),
  );
});

test('the layout is fixed: caches on disk depend on it', () => {
  const record = { originalHeight: 420, originalWidth: 580, pixels: new Uint8Array([1, 2]) };
  expect([...encodePixelRecord(record)]).toEqual([0xa4, 1, 0, 0, 0x44, 2, 0, 0, 1, 2]);
});

test('a record that is cut off in its head is an error', () => {
  expect(() => decodePixelRecord(new Uint8Array(5))).toThrow(RangeError);
});
