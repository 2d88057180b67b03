import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineWidth } from '../../../src/ui/layout/toned-line.js';
import { type Curve, niceRange, plot } from '../../../src/ui/panels/braille-plot.js';
import { lineText } from '../../support/line-text.js';

const size = { columns: 4, rows: 2, log: false, ascii: false } as const;
const unit = { x: { from: 0, to: 7 }, y: { from: 0, to: 7 } } as const;
const curve = (points: [number, number][], dotted = false): Curve => ({
  points: points.map(([x, y]) => ({ x, y })),
  tone: 'blue',
  dotted,
});
const drawn = (...args: Parameters<typeof plot>): string[] => plot(...args).map(lineText);

describe('a curve in Braille', () => {
  it('puts a dot where the point is', () => {
    expect(drawn([curve([[0, 0]])], { ...size, ...unit })).toEqual(['    ', '⡀   ']);
    expect(drawn([curve([[7, 7]])], { ...size, ...unit })).toEqual(['   ⠈', '    ']);
  });

  it('connects points, dashed or not', () => {
    const diagonal: [number, number][] = [
      [0, 0],
      [7, 7],
    ];
    expect(drawn([curve(diagonal)], { ...size, ...unit })).toEqual(['  ⡠⠊', '⡠⠊  ']);
    expect(drawn([curve(diagonal, true)], { ...size, ...unit })).toEqual(['  ⡠ ', '⡠   ']);
  });

  it('takes the mean of points that share a dot', () => {
    const noisy = curve([
      [3, 7],
      [3.1, 0],
      [2.9, 3.5],
    ]);
    expect(drawn([noisy], { ...size, ...unit })).toEqual(['    ', ' ⠈  ']);
  });

  it('is one sign a cell where there is only ASCII', () => {
    const solid = curve([
      [0, 0],
      [7, 0],
    ]);
    const dashed = curve(
      [
        [0, 7],
        [7, 7],
      ],
      true,
    );
    expect(drawn([solid, dashed], { ...size, ...unit, ascii: true })).toEqual(['o o ', '****']);
  });

  it('a logarithmic axis gives each decade the same height', () => {
    const decades = curve([
      [0, 0.01],
      [7, 1],
    ]);
    const range = { x: { from: 0, to: 7 }, y: { from: 0.01, to: 1 }, log: true };
    expect(drawn([decades], { ...size, ...range })).toEqual(
      drawn(
        [
          curve([
            [0, 0],
            [7, 7],
          ]),
        ],
        { ...size, ...unit },
      ),
    );
  });

  it('fills its rectangle exactly, whatever the points are', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.double(), fc.double()), { maxLength: 40 }),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 20 }),
        fc.boolean(),
        (points, columns, rows, log) => {
          const values = points.map(([, y]) => y);
          const lines = plot([curve(points), curve(points, true)], {
            columns,
            rows,
            x: { from: 0, to: 10 },
            y: niceRange(values),
            log,
            ascii: false,
          });
          expect(lines).toHaveLength(rows);
          for (const line of lines) expect(lineWidth(line)).toBe(columns);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('the range of an axis', () => {
  it('is widened to round numbers', () => {
    expect(niceRange([0.13, 0.58], 0)).toEqual({ from: 0, to: 0.6 });
    expect(niceRange([0.412, 1.37])).toEqual({ from: 0.4, to: 1.4 });
    expect(niceRange([-0.61, -0.02])).toEqual({ from: -0.8, to: 0 });
  });

  it('is never empty', () => {
    expect(niceRange([])).toEqual({ from: 0, to: 1 });
    for (const value of [0, 0.5, -3, 1e-9]) {
      const { from, to } = niceRange([value]);
      expect(to).toBeGreaterThan(from);
    }
  });
});
