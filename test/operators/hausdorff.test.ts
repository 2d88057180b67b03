import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { squaredDistances } from '../../src/operators/distance-transform.js';
import { hausdorff95 } from '../../src/operators/hausdorff.js';
import { drawn, someMask, twoMasks } from './masks.js';

describe('squaredDistances', () => {
  test('of one pixel', () => {
    const { mask, size } = drawn(['....', '.#..', '....']);
    expect([...squaredDistances(mask, size)]).toEqual([2, 1, 2, 5, 1, 0, 1, 4, 2, 1, 2, 5]);
  });

  test('without a marked pixel all are infinite', () => {
    expect([...squaredDistances(new Uint8Array(4), { height: 2, width: 2 })]).toEqual(
      Array(4).fill(Number.POSITIVE_INFINITY),
    );
  });

  test('are the least of all distances, tried one by one', () => {
    fc.assert(
      fc.property(someMask, ({ mask, size }) => {
        const marked = [...mask.keys()].filter((at) => mask[at] === 1);
        const found = squaredDistances(mask, size);
        for (const at of mask.keys()) {
          const row = Math.floor(at / size.width);
          const squares = marked.map(
            (other) =>
              (Math.floor(other / size.width) - row) ** 2 +
              ((other % size.width) - (at % size.width)) ** 2,
          );
          expect(found[at]).toBe(Math.min(Number.POSITIVE_INFINITY, ...squares));
        }
      }),
    );
  });
});

describe('hausdorff95', () => {
  test('two single pixels are as far apart as they are', () => {
    const { mask: a, size } = drawn(['#....', '.....', '.....', '.....']);
    const { mask: b } = drawn(['.....', '.....', '.....', '....#']);
    expect(hausdorff95(a, b, size)).toBe(5);
  });

  test('a box moved by two pixels', () => {
    const { mask: a, size } = drawn(['......', '.##...', '.##...', '......']);
    const { mask: b } = drawn(['......', '...##.', '...##.', '......']);
    expect(hausdorff95(a, b, size)).toBe(2);
  });

  test('the inside does not count: a full box against its own outline is 0', () => {
    const { mask: a, size } = drawn(['....', '####', '####', '####', '....']);
    const { mask: b } = drawn(['....', '####', '#..#', '####', '....']);
    // The inner outline of b lies on the same pixels.
    expect(hausdorff95(a, b, size)).toBe(0);
  });

  test('one stray pixel in forty is beyond the 95th percentile', () => {
    const row = `${'#'.repeat(40)}${'.'.repeat(60)}`;
    const { mask: a, size } = drawn([row]);
    const stray = `${row.slice(0, 99)}#`;
    expect(hausdorff95(a, drawn([stray]).mask, size)).toBe(0);
    expect(
      hausdorff95(a, drawn([`${'#'.repeat(40)}${'.'.repeat(57)}###`]).mask, size),
    ).toBeGreaterThan(50);
  });

  test('both empty: 0; one empty: none', () => {
    const { mask, size } = drawn(['#.', '..']);
    const empty = new Uint8Array(4);
    expect(hausdorff95(empty, empty, size)).toBe(0);
    expect(hausdorff95(mask, empty, size)).toBeNull();
    expect(hausdorff95(empty, mask, size)).toBeNull();
  });

  test('is symmetric, 0 of a mask and itself, and never longer than the diagonal', () => {
    fc.assert(
      fc.property(twoMasks, ({ a, b, size }) => {
        const distance = hausdorff95(a, b, size);
        expect(hausdorff95(b, a, size)).toBe(distance);
        expect(hausdorff95(a, a, size)).toBe(0);
        if (distance === null) return;
        expect(distance).toBeGreaterThanOrEqual(0);
        expect(distance).toBeLessThanOrEqual(Math.hypot(size.height - 1, size.width - 1));
      }),
    );
  });
});
