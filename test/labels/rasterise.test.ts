import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Label, Shape } from '../../src/labels/label.js';
import { labelText, rasterise } from '../../src/labels/rasterise.js';
import type { GridSize } from '../../src/operators/image.js';
import { encodeRle } from '../../src/operators/rle.js';
import { maskAndSize } from './masks-of-labels.js';

const size = { height: 8, width: 10 };

function drawn(shapes: readonly Shape[], grid: GridSize = size): number[] {
  const result = rasterise({ image: 'a.png', size: null, shapes }, grid);
  if (!result.ok) throw new Error(result.failure.message);
  return [...result.value.data];
}

const polygon = (...rings: number[][]): Shape => ({ type: 'polygons', rings });
const pixelsIn = (isIn: (row: number, column: number) => boolean, { height, width } = size) =>
  Array.from({ length: height * width }, (_, at) => +isIn(Math.floor(at / width), at % width));

describe('polygons', () => {
  test('a box from pixel edge to pixel edge is those pixels', () => {
    const box = polygon([2, 1, 7, 1, 7, 4, 2, 4]);
    expect(drawn([box])).toEqual(pixelsIn((y, x) => y >= 1 && y < 4 && x >= 2 && x < 7));
  });

  test('pixels count by their centres', () => {
    const box = polygon([1.4, 1.4, 4.6, 1.4, 4.6, 3.5, 1.4, 3.5]);
    expect(drawn([box])).toEqual(pixelsIn((y, x) => y >= 1 && y < 3 && x >= 1 && x < 5));
    expect(drawn([polygon([1.6, 1, 2.4, 1, 2.4, 5, 1.6, 5])])).toEqual(pixelsIn(() => false));
  });

  test('boxes that share sides along pixel centres share no pixel and leave none out', () => {
    const parts = [
      [0.5, 0.5, 4.5, 0.5, 4.5, 3.5, 0.5, 3.5],
      [4.5, 0.5, 9.5, 0.5, 9.5, 3.5, 4.5, 3.5],
      [0.5, 3.5, 9.5, 3.5, 9.5, 7.5, 0.5, 7.5],
    ].map((ring) => drawn([polygon(ring)]));
    const sum = parts[0]!.map((_, at) => parts.reduce((total, part) => total + part[at]!, 0));
    expect(sum).toEqual(pixelsIn((y, x) => y < 7 && x < 9));
  });

  test('a ring that crosses itself is even-odd, several rings are together', () => {
    const star = [5, 0, 8, 8, 0, 3, 10, 3, 2, 8];
    expect(drawn([polygon(star)])[4 * 10 + 5]).toBe(0);
    const twice = [...[1, 1, 9, 1, 9, 7, 1, 7], ...[1, 1, 9, 1, 9, 7, 1, 7]];
    expect(drawn([polygon(twice)])).not.toContain(1);
    const [left, right] = [
      [0, 0, 6, 0, 6, 8, 0, 8],
      [4, 0, 10, 0, 10, 8, 4, 8],
    ];
    expect(drawn([polygon(left!, right!)])).not.toContain(0);
    expect(drawn([polygon(left!), polygon(right!)])).not.toContain(0);
  });

  test('what lies outside of the image is cut off', () => {
    expect(drawn([polygon([-50, -50, 60, -50, 60, 60, -50, 60])])).not.toContain(0);
    expect(drawn([polygon([20, 20, 30, 20, 30, 30])])).not.toContain(1);
  });

  test('its area is nearly that of the polygon, whichever way it is drawn and wherever it begins', () => {
    const corner = fc.tuple(
      fc.double({ min: 3, max: 60, noNaN: true }),
      fc.integer({ min: 0, max: 359 }),
    );
    fc.assert(
      fc.property(
        fc.uniqueArray(corner, { minLength: 3, maxLength: 9, selector: ([, turn]) => turn }),
        (corners) => {
          const around360 = corners.sort(([, a], [, b]) => a - b);
          // Only a ring that goes around its middle crosses itself nowhere, and has one area.
          const turns = around360.map(([, turn]) => turn);
          fc.pre(turns.every((turn, nth) => (turns[nth + 1] ?? turns[0]! + 360) - turn < 180));
          const ring = around360.map(([radius, turn]) => [
            64 + radius * Math.cos((turn * Math.PI) / 180),
            64 + radius * Math.sin((turn * Math.PI) / 180),
          ]);
          const grid = { height: 128, width: 128 };
          const mask = drawn([polygon(ring.flat())], grid);
          let area = 0;
          let around = 0;
          for (const [nth, [x, y]] of ring.entries()) {
            const [nextX, nextY] = ring[(nth + 1) % ring.length]!;
            area += (x! * nextY! - nextX! * y!) / 2;
            around += Math.hypot(nextX! - x!, nextY! - y!);
          }
          const pixels = mask.reduce((total, value) => total + value, 0);
          expect(Math.abs(pixels - Math.abs(area))).toBeLessThanOrEqual(around + 1);
          const turned = [...ring.slice(1), ring[0]!].reverse();
          expect(drawn([polygon(turned.flat())], grid)).toEqual(mask);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('runs', () => {
  test('down the columns, from 1 with lengths, or background first', () => {
    const expected = pixelsIn((y, x) => x === 0 && y >= 2 && y < 5);
    expect(drawn([{ type: 'starts', pairs: [3, 3] }])).toEqual(expected);
    expect(drawn([{ type: 'runs', counts: [2, 3, 75], size }])).toEqual(expected);
  });

  test("what Kaggle's encoder writes comes out as it was", () => {
    fc.assert(
      fc.property(maskAndSize, ({ mask, size: grid }) => {
        const text = encodeRle(mask, grid);
        const pairs = text === '' ? [] : text.split(' ').map(Number);
        expect(drawn([{ type: 'starts', pairs }], grid)).toEqual([...mask]);
      }),
    );
  });

  test('runs beyond the image, and labels of another size, are failures', () => {
    const label = (shape: Shape, of: GridSize | null = null): Label => ({
      image: 'a',
      size: of,
      shapes: [shape],
    });
    const failureOf = (it: Label) => {
      const result = rasterise(it, size);
      return result.ok ? null : result.failure;
    };
    expect(failureOf(label({ type: 'starts', pairs: [79, 3] }))).toEqual({
      code: 'LABEL_RUNS',
      message: 'the run of pixels 79 to 81 leaves the 8x10 image',
    });
    expect(failureOf(label(polygon([0, 0, 1, 0, 1, 1]), { height: 10, width: 8 }))).toEqual({
      code: 'LABEL_SIZE',
      message: 'the label is for an image of 10x8, the image is 8x10',
    });
    const otherRuns = { type: 'runs', counts: [80], size: { height: 10, width: 8 } } as const;
    expect(failureOf(label(otherRuns))?.code).toBe('LABEL_SIZE');
  });
});

test("a label's text changes with what it shows, not with its name or the order of its shapes", () => {
  const [a, b] = [polygon([0, 0, 5, 0, 5, 5]), { type: 'starts', pairs: [1, 2] } as const];
  const text = labelText({ image: 'a', size, shapes: [a, b] });
  expect(labelText({ image: 'b', size, shapes: [b, a] })).toBe(text);
  expect(labelText({ image: 'a', size: null, shapes: [a, b] })).not.toBe(text);
  expect(labelText({ image: 'a', size, shapes: [a] })).not.toBe(text);
  const moved = polygon([0, 0, 5, 0, 5, 5.5]);
  expect(labelText({ image: 'a', size, shapes: [moved, b] })).not.toBe(text);
});
