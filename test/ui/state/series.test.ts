import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addPoint, emptySeries, pointsOf } from '../../../src/ui/state/series.js';

const line = (count: number) => {
  let series = emptySeries;
  for (let x = 0; x < count; x++) series = addPoint(series, { x, y: x / count });
  return pointsOf(series);
};

describe('a curve of bounded size', () => {
  it('keeps every point of a short run', () => {
    expect(line(100)).toHaveLength(100);
  });

  it('keeps the shape of a long one in few points, its newest included', () => {
    const points = line(100_000);
    expect(points.length).toBeLessThanOrEqual(513);
    for (const { x, y } of points) expect(y).toBeCloseTo(x / 100_000, 6);
    expect(points.at(-1)!.x).toBeGreaterThan(99_700);
    expect(points[0]!.x).toBeLessThan(300);
  });

  it('leaves out what is no number', () => {
    expect(pointsOf(addPoint(emptySeries, { x: 0, y: Number.NaN }))).toEqual([]);
  });

  it('stays in order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), (count) => {
        const xs = line(count).map(({ x }) => x);
        expect(xs).toEqual([...xs].sort((a, b) => a - b));
      }),
      { numRuns: 20 },
    );
  });
});
