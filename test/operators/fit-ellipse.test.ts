import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ellipsePerimeter, inMillimetres } from '../../src/operators/ellipse.js';
import { fitEllipse, fitEllipseTo } from '../../src/operators/fit-ellipse.js';
import { between, drawnEllipse, someEllipse } from './drawn-ellipse.js';
import { drawn, someMask } from './masks.js';

const size = { height: 130, width: 130 };

/** Degrees between two axes, which have no direction. */
const turnBetween = (a: number, b: number) => Math.abs(((a - b + 270) % 180) - 90);

describe('fitEllipse', () => {
  test('a drawn ellipse comes back within 2 %', () => {
    fc.assert(
      fc.property(someEllipse, (ellipse) => {
        const found = fitEllipse(drawnEllipse(ellipse, size), size)!;
        expect(Math.abs(found.row - ellipse.row)).toBeLessThan(0.3);
        expect(Math.abs(found.column - ellipse.column)).toBeLessThan(0.3);
        expect(Math.abs(found.major / ellipse.major - 1)).toBeLessThan(0.02);
        expect(Math.abs(found.minor / ellipse.minor - 1)).toBeLessThan(0.02);
        const isRound = ellipse.minor > 0.8 * ellipse.major;
        if (!isRound) expect(turnBetween(found.angle, ellipse.angle)).toBeLessThan(3);
      }),
    );
  });

  test('the mean of many drawn ellipses is unbiased', () => {
    const errors = fc.sample(someEllipse, { seed: 7, numRuns: 200 }).map((ellipse) => {
      const found = fitEllipse(drawnEllipse(ellipse, size), size)!;
      return [found.major - ellipse.major, found.minor - ellipse.minor];
    });
    for (const axis of [0, 1]) {
      const mean = errors.reduce((sum, error) => sum + error[axis]!, 0) / errors.length;
      // Of a pixel.
      expect(Math.abs(mean)).toBeLessThan(0.05);
    }
  });

  test('with pixels that are not square, a drawn ellipse comes back in millimetres', () => {
    fc.assert(
      fc.property(someEllipse, between(0.5, 2), (ellipse, columnMm) => {
        const spacing = { rowMm: 1, columnMm };
        const wide = { height: 130, width: 260 };
        const found = inMillimetres(
          fitEllipse(drawnEllipse(ellipse, wide, spacing), wide)!,
          spacing,
        );
        expect(Math.abs(found.major / ellipse.major - 1)).toBeLessThan(0.04);
        expect(Math.abs(found.column - ellipse.column)).toBeLessThan(0.6);
        const isRound = ellipse.minor > 0.8 * ellipse.major;
        if (!isRound) expect(turnBetween(found.angle, ellipse.angle)).toBeLessThan(4);
      }),
    );
  });

  test('turned by 90 degrees, the same ellipse lies the other way', () => {
    fc.assert(
      fc.property(someEllipse, (ellipse) => {
        const mask = drawnEllipse(ellipse, size);
        const turned = mask.map((_, at) => mask[(at % 130) * 130 + Math.floor(at / 130)]!);
        const a = fitEllipse(mask, size)!;
        const b = fitEllipse(turned, size)!;
        expect(b.major).toBeCloseTo(a.major, 6);
        expect(b.minor).toBeCloseTo(a.minor, 6);
        expect(b.row).toBeCloseTo(a.column, 6);
        // Mirrored about the diagonal from top left to bottom right.
        expect(turnBetween(b.angle, 270 - a.angle)).toBeLessThan(1e-3);
      }),
    );
  });

  test('a part of an ellipse beyond the edge of the image is added', () => {
    const ellipse = { row: 30, column: 80, major: 100, minor: 80, angle: 0 };
    const found = fitEllipse(drawnEllipse(ellipse, size), size)!;
    expect(found.row).toBeCloseTo(30, 0);
    expect(Math.abs(found.minor - 80)).toBeLessThan(2);
  });

  test('small parts and holes change nothing', () => {
    const ellipse = { row: 70, column: 80, major: 60, minor: 40, angle: 30 };
    const whole = drawnEllipse(ellipse, size);
    const spotted = whole.slice();
    spotted[70 * size.width + 80] = 0;
    spotted[3 * size.width + 3] = 1;
    expect(fitEllipse(spotted, size)).toEqual(fitEllipse(whole, size));
  });

  test('none of an empty mask, of a single pixel, of the whole image', () => {
    const { mask, size: small } = drawn(['....', '.#..', '....']);
    expect(fitEllipse(mask.slice().fill(0), small)).toBeNull();
    expect(fitEllipse(mask, small)).toBeNull();
    expect(fitEllipse(mask.slice().fill(1), small)).toBeNull();
  });

  test('of whatever mask, an ellipse of finite numbers or none', () => {
    fc.assert(
      fc.property(someMask, ({ mask, size: small }) => {
        const found = fitEllipse(mask, small);
        if (found === null) return;
        for (const value of Object.values(found)) expect(value).toSatisfy(Number.isFinite);
        expect(found.major).toBeGreaterThanOrEqual(found.minor);
        expect(found.minor).toBeGreaterThan(0);
        expect(found.angle).toBeGreaterThanOrEqual(0);
        expect(found.angle).toBeLessThan(180);
      }),
    );
  });
});

describe('fitEllipseTo', () => {
  test('points of an ellipse give just that, wherever it lies', () => {
    const points = Array.from({ length: 12 }, (_, k) => (k * Math.PI) / 6).flatMap((t) => [
      5000 + 30 * Math.cos(t),
      -70 + 10 * Math.sin(t),
    ]);
    const found = fitEllipseTo(points)!;
    expect(found.column).toBeCloseTo(5000, 6);
    expect(found.row).toBeCloseTo(-70, 6);
    expect(found.major).toBeCloseTo(60, 6);
    expect(found.minor).toBeCloseTo(20, 6);
    expect(turnBetween(found.angle, 0)).toBeLessThan(1e-6);
  });

  test('none on a line, none through less than six', () => {
    expect(fitEllipseTo(Array.from({ length: 20 }, (_, k) => k))).toBeNull();
    expect(fitEllipseTo([0, 0, 1, 0, 0, 1, 1, 1, 2, 2])).toBeNull();
  });
});

test("a perimeter is the circle's, and near the known one of a long ellipse", () => {
  expect(ellipsePerimeter({ major: 2, minor: 2 })).toBeCloseTo(2 * Math.PI, 12);
  // 4 a E(e) for half axes of 10 and 1.
  expect(ellipsePerimeter({ major: 20, minor: 2 })).toBeCloseTo(40.6397, 2);
});
