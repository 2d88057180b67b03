import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ellipsePerimeter } from '../../src/operators/ellipse.js';
import { maskGrey } from '../../src/operators/mask-grey.js';
import { geometryOf, sizesOf } from '../../src/operators/mask-measures.js';
import { between, drawnEllipse, someEllipse } from './drawn-ellipse.js';
import { drawn, someMask } from './masks.js';

const size = { height: 130, width: 130 };
describe('geometryOf', () => {
  test('of a drawn mask', () => {
    const { mask, size: small } = drawn(['......', '.##...', '.##..#', '......']);
    expect(geometryOf(mask, small)).toMatchObject({
      area: 5,
      pieces: 2,
      centroid: { row: 1.6, column: 2.2 },
      box: { top: 1, left: 1, height: 2, width: 5 },
    });
  });

  test('entries are counted as pixel by pixel', () => {
    fc.assert(
      fc.property(someMask, ({ mask, size: small }) => {
        const isIn = (row: number, column: number) =>
          row >= 0 && column >= 0 && column < small.width && mask[row * small.width + column] === 1;
        const entries = { across: 0, down: 0, diagonal: 0 };
        for (const at of mask.keys()) {
          const row = Math.floor(at / small.width);
          const column = at % small.width;
          if (mask[at] === 0) continue;
          if (!isIn(row, column - 1)) entries.across++;
          if (!isIn(row - 1, column)) entries.down++;
          if (!isIn(row - 1, column - 1)) entries.diagonal++;
          if (!isIn(row - 1, column + 1)) entries.diagonal++;
        }
        if (mask.includes(1)) expect(geometryOf(mask, small)).toMatchObject({ entries });
      }),
      { numRuns: 500 },
    );
  });

  test('none of an empty mask', () => {
    expect(geometryOf(new Uint8Array(12), { height: 3, width: 4 })).toBeNull();
  });

  test('moved, a mask keeps its sizes', () => {
    fc.assert(
      fc.property(someMask, fc.nat(5), fc.nat(5), ({ mask, size: small }, down, right) => {
        const place = (top: number, left: number) => {
          const large = { height: small.height + 7, width: small.width + 7 };
          const moved = new Uint8Array(large.height * large.width);
          mask.forEach((pixel, at) => {
            const row = top + Math.floor(at / small.width);
            moved[row * large.width + left + (at % small.width)] = pixel;
          });
          return geometryOf(moved, large);
        };
        const here = place(1, 1);
        const there = place(1 + down, 1 + right);
        if (here === null || there === null) {
          expect(there).toBe(here);
          return;
        }
        expect(there.entries).toEqual(here.entries);
        expect(there.area).toBe(here.area);
        expect(there.centroid.row).toBeCloseTo(here.centroid.row + down, 9);
        expect(there.box.left).toBe(here.box.left + right);
        expect(there.ellipse === null).toBe(here.ellipse === null);
        if (there.ellipse) expect(there.ellipse.major).toBeCloseTo(here.ellipse!.major, 6);
      }),
    );
  });
});

describe('sizesOf', () => {
  test('the perimeter of drawn ellipses is right within 2 %, and so is their area', () => {
    fc.assert(
      fc.property(someEllipse, (ellipse) => {
        const { area, perimeter } = sizesOf(geometryOf(drawnEllipse(ellipse, size), size)!);
        expect(Math.abs(perimeter / ellipsePerimeter(ellipse) - 1)).toBeLessThan(0.02);
        const trueArea = (Math.PI / 4) * ellipse.major * ellipse.minor;
        expect(Math.abs(area / trueArea - 1)).toBeLessThan(0.02);
      }),
    );
  });

  test('discs have a circularity of 1', () => {
    const circularities = fc.sample(someEllipse, { seed: 3, numRuns: 100 }).map((ellipse) => {
      const disc = { ...ellipse, minor: ellipse.major };
      return sizesOf(geometryOf(drawnEllipse(disc, size), size)!).circularity;
    });
    const mean = circularities.reduce((sum, one) => sum + one, 0) / circularities.length;
    expect(Math.abs(mean - 1)).toBeLessThan(0.005);
  });

  test('twice the spacing is four times the area and twice the perimeter', () => {
    fc.assert(
      fc.property(
        someMask,
        between(0.05, 2),
        between(0.05, 2),
        ({ mask, size: small }, row, column) => {
          const geometry = geometryOf(mask, small);
          if (geometry === null) return;
          const one = sizesOf(geometry, { rowMm: row, columnMm: column });
          const two = sizesOf(geometry, { rowMm: 2 * row, columnMm: 2 * column });
          expect(one.area).toBeCloseTo(geometry.area * row * column, 9);
          expect(two.area / one.area).toBeCloseTo(4, 9);
          expect(two.perimeter / one.perimeter).toBeCloseTo(2, 9);
          expect(two.circularity).toBeCloseTo(one.circularity, 9);
          if (one.ellipse) expect(two.ellipse!.minor / one.ellipse.minor).toBeCloseTo(2, 4);
        },
      ),
    );
  });

  test('a disc in millimetres is one on pixels that are not square', () => {
    const spacing = { rowMm: 0.1, columnMm: 0.17 };
    const disc = { row: 6.5, column: 10, major: 9, minor: 9, angle: 0 };
    const mask = drawnEllipse(disc, size, spacing);
    const { area, perimeter, circularity, ellipse } = sizesOf(geometryOf(mask, size)!, spacing);
    expect(area / (81 * (Math.PI / 4))).toBeCloseTo(1, 2);
    expect(perimeter / (9 * Math.PI)).toBeCloseTo(1, 2);
    expect(circularity).toBeCloseTo(1, 2);
    expect(ellipse!.major).toBeCloseTo(9, 1);
    expect(ellipse!.minor).toBeCloseTo(9, 1);
  });

  test('holes count as outline, not as area', () => {
    const { mask, size: small } = drawn(['.....', '.###.', '.#.#.', '.###.', '.....']);
    const filled = drawn(['.....', '.###.', '.###.', '.###.', '.....']).mask;
    const ring = sizesOf(geometryOf(mask, small)!);
    const full = sizesOf(geometryOf(filled, small)!);
    expect(ring.area).toBe(8);
    expect(ring.perimeter).toBeGreaterThan(full.perimeter);
  });
});

describe('maskGrey', () => {
  test('a bright disc on a dark ground', () => {
    const mask = drawnEllipse({ row: 60, column: 60, major: 40, minor: 40, angle: 0 }, size);
    const image = mask.map((pixel) => (pixel === 1 ? 200 : 40));
    // Far from the ring.
    image[0] = 255;
    expect(maskGrey(image, mask, size)).toEqual({ inside: 200, ring: 40 });
  });

  test('nothing of an empty mask, no ring around the whole image', () => {
    const image = new Uint8Array(6).fill(9);
    const small = { height: 2, width: 3 };
    expect(maskGrey(image, new Uint8Array(6), small)).toEqual({ inside: null, ring: null });
    expect(maskGrey(image, new Uint8Array(6).fill(1), small)).toEqual({ inside: 9, ring: null });
  });
});
