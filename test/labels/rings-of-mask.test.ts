import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countsOfRle, countsOfText, textOfCounts } from '../../src/labels/coco-runs.js';
import { rasterise } from '../../src/labels/rasterise.js';
import { ringsOfMask } from '../../src/labels/rings-of-mask.js';
import { encodeRle } from '../../src/operators/rle.js';

const anyMask = fc
  .record({ height: fc.integer({ min: 1, max: 9 }), width: fc.integer({ min: 1, max: 9 }) })
  .chain((size) =>
    fc.record({
      size: fc.constant(size),
      mask: fc
        .array(fc.integer({ min: 0, max: 1 }), {
          minLength: size.height * size.width,
          maxLength: size.height * size.width,
        })
        .map((values) => Uint8Array.from(values)),
    }),
  );

test('the outer rings without what the holes enclose are the mask', () => {
  fc.assert(
    fc.property(anyMask, ({ size, mask }) => {
      const { outer, holes } = ringsOfMask(mask, size);
      const label = (rings: number[][]) => ({
        ...{ image: 'x', size },
        shapes: [{ type: 'polygons', rings } as const],
      });
      const drawn = rasterise(label(outer), size);
      const without = rasterise(label(holes), size);
      if (!drawn.ok || !without.ok) throw new Error('rings that cannot be drawn');
      // What lies in a hole may be foreground again, with an outer ring of its own.
      for (const [at, value] of mask.entries()) {
        if (value === 1) expect(drawn.value.data[at]).toBe(1);
        else expect(drawn.value.data[at]! - without.value.data[at]!).toBeLessThanOrEqual(0);
      }
      if (holes.length === 0) expect(drawn.value.data).toEqual(mask);
    }),
  );
});

test("run lengths become COCO's counts and back", () => {
  fc.assert(
    fc.property(anyMask, ({ size, mask }) => {
      const counts = countsOfRle(encodeRle(mask, size), size);
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(mask.length);
      expect(countsOfText(textOfCounts(counts))).toEqual(counts);
    }),
  );
});

test('a square is its four corners', () => {
  const mask = Uint8Array.from([0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1, 0]);
  expect(ringsOfMask(mask, { height: 3, width: 4 })).toEqual({
    outer: [[1, 1, 3, 1, 3, 3, 1, 3]],
    holes: [],
  });
});
