import fc from 'fast-check';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import {
  blend,
  fitMaskPrior,
  type MaskPrior,
  projectOnto,
} from '../../src/operators/mask-prior.js';
import { randomFrom } from '../../src/operators/random.js';

const side = 16;
const area = side * side;

function fitted(masks: readonly Uint8Array[], most?: number): MaskPrior | null {
  const fit = fitMaskPrior(masks, most);
  for (let step = fit.next(); ; step = fit.next()) if (step.done) return step.value;
}

/** An ellipse anywhere. */
const ellipse = fc
  .record({
    x: fc.integer({ min: 3, max: 12 }),
    y: fc.integer({ min: 3, max: 12 }),
    rx: fc.integer({ min: 1, max: 5 }),
    ry: fc.integer({ min: 1, max: 5 }),
  })
  .map(({ x, y, rx, ry }) =>
    Uint8Array.from({ length: area }, (_, at) =>
      ((at % side) - x) ** 2 / rx ** 2 + (Math.floor(at / side) - y) ** 2 / ry ** 2 <= 1 ? 1 : 0,
    ),
  );
const someMap = fc
  .array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: area, maxLength: area })
  .map((values) => Float32Array.from(values));

function masksOf(count: number, seed = 1): Uint8Array[] {
  return fc.sample(ellipse, { numRuns: count, seed });
}

function furthest(a: Float32Array, b: ArrayLike<number>): number {
  return a.reduce((most, value, at) => Math.max(most, Math.abs(value - b[at]!)), 0);
}

describe('a prior of masks', () => {
  test('leaves a mask that it was fitted to as it is, where it has room for all of them', () => {
    fc.assert(
      fc.property(fc.array(ellipse, { minLength: 2, maxLength: 12 }), (masks) => {
        const prior = fitted(masks)!;
        for (const mask of masks) {
          expect(furthest(projectOnto(prior, Float32Array.from(mask)), mask)).toBeLessThan(1e-4);
        }
      }),
      { numRuns: 30 },
    );
  });

  test('changes nothing more when it is applied again, whatever the map', () => {
    const prior = fitted(masksOf(60))!;
    fc.assert(
      fc.property(someMap, (map) => {
        const once = projectOnto(prior, map);
        expect(furthest(projectOnto(prior, once), once)).toBeLessThan(1e-4);
        expect(furthest(once, map)).toBeGreaterThan(0.01);
      }),
      { numRuns: 20 },
    );
  });

  test('finds the directions that explain as much as any could', () => {
    const masks = masksOf(200);
    const centred = new Matrix(masks.map((mask) => [...mask])).center('column');
    const { realEigenvalues } = new EigenvalueDecomposition(centred.mmul(centred.transpose()), {
      assumeSymmetric: true,
    });
    const best = realEigenvalues.sort((a, b) => b - a).slice(0, 20);
    const { components, mean } = fitted(masks)!;
    const rows = Array.from({ length: 20 }, (_, nth) => [
      ...components.subarray(nth * area, (nth + 1) * area),
    ]);
    const along = centred.mmul(new Matrix(rows).transpose());
    const explained = rows.map((_, nth) => along.getColumn(nth).reduce((sum, x) => sum + x * x, 0));
    const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
    expect(sum(explained) / sum(best)).toBeCloseTo(1, 4);
    for (const [nth, value] of explained.entries()) {
      expect(value / best[nth]!).toBeGreaterThan(0.99);
      expect(value / best[nth]!).toBeLessThan(1.01);
    }
    for (const [at, value] of mean.entries()) {
      expect(value).toBeCloseTo(masks.reduce((sum, mask) => sum + mask[at]!, 0) / 200, 5);
    }
  });

  test('is the same every time, and empty masks make no difference', () => {
    const masks = masksOf(30);
    const empty = new Uint8Array(area);
    expect(fitted([empty, ...masks, empty])).toEqual(fitted(masks));
    expect(fitted(masks)!.masks).toBe(30);
  });

  test('there is none without two masks that are not empty', () => {
    const [mask] = masksOf(1);
    const empty = new Uint8Array(area);
    expect(fitted([])).toBeNull();
    expect(fitted([empty, empty])).toBeNull();
    expect(fitted([empty, mask!])).toBeNull();
  });

  test('of equal masks it is that mask, in no direction', () => {
    const [mask] = masksOf(1);
    const prior = fitted([mask!, mask!, mask!])!;
    expect(prior.components).toHaveLength(0);
    expect(furthest(projectOnto(prior, new Float32Array(area)), mask!)).toBeLessThan(1e-6);
  });

  test('has as many directions as asked for, the most of them where no number is', () => {
    const masks = masksOf(60);
    const five = fitted(masks, 5)!;
    expect(five.components).toHaveLength(5 * area);
    const all = fitted(masks)!;
    expect(all.components).toHaveLength(20 * area);
    // A direction's sign is nobody's: what the first five project on is the same.
    const first = { ...all, components: all.components.slice(0, 5 * area) };
    const map = Float32Array.from(masks[0]!);
    expect(furthest(projectOnto(five, map), projectOnto(first, map))).toBeLessThan(1e-3);
  });

  test('refuses a map of another size', () => {
    expect(() => projectOnto(fitted(masksOf(3))!, new Float32Array(4))).toThrow(RangeError);
  });
});

describe('blend', () => {
  test('goes from the map to the projection, bounded to 0..1', () => {
    const map = Float32Array.of(0.2, 0.4, 0.6);
    const projection = Float32Array.of(-0.5, 0.8, 1.5);
    expect(blend(map, projection, 0)).toEqual(map);
    expect([...blend(map, projection, 1)]).toEqual([0, Math.fround(0.8), 1]);
    expect(furthest(blend(map, projection, 0.5), [0.1, 0.6, 0.8])).toBeLessThan(1e-6);
  });

  test('a blend of probabilities is probabilities', () => {
    const random = randomFrom('blend');
    const prior = fitted(masksOf(40))!;
    fc.assert(
      fc.property(someMap, (map) => {
        const blended = blend(map, projectOnto(prior, map), random());
        expect(blended.every((value) => value >= 0 && value <= 1)).toBe(true);
      }),
      { numRuns: 20 },
    );
  });
});
