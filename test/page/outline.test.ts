import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeRle } from '../../src/operators/rle.js';
import { bitmapOf } from '../../web/src/mask/bitmap.js';
import { edgesOf } from '../../web/src/mask/edges.js';

const masks = fc
  .record({ height: fc.integer({ min: 1, max: 12 }), width: fc.integer({ min: 1, max: 12 }) })
  .chain((size) =>
    fc
      .array(fc.constantFrom(0, 1), {
        minLength: size.height * size.width,
        maxLength: size.height * size.width,
      })
      .map((pixels) => ({ ...size, pixels: Uint8Array.from(pixels) })),
  );

test('a mask comes back from the run lengths of submission.csv', () => {
  fc.assert(
    fc.property(masks, ({ pixels, ...size }) => {
      const mask = { ...size, rle: encodeRle(pixels, size) };
      expect(bitmapOf(mask)).toEqual({ ...size, pixels });
    }),
  );
});

test('the outline has an edge wherever foreground and background meet, and no other', () => {
  fc.assert(
    fc.property(masks, (mask) => {
      const { height, width, pixels } = mask;
      const at = (row: number, column: number) =>
        row >= 0 && column >= 0 && row < height && column < width
          ? pixels[row * width + column]!
          : 0;
      let meetings = 0;
      for (let row = 0; row <= height; row++) {
        for (let column = 0; column <= width; column++) {
          meetings += Number(at(row, column) !== at(row - 1, column));
          meetings += Number(at(row, column) !== at(row, column - 1));
        }
      }
      const edges = edgesOf(mask);
      const length = edges.reduce((sum, [x0, y0, x1, y1]) => sum + x1 - x0 + y1 - y0, 0);
      expect(length).toBe(meetings);
    }),
  );
  expect(edgesOf({ height: 1, width: 2, pixels: Uint8Array.of(1, 1) })).toHaveLength(4);
});
