import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listQuerySchema } from '../../src/web/api.js';
import { areaText, measureText } from '../../web/src/figures.js';
import { gridOf, placeOf, scrollTo, seen } from '../../web/src/gallery/grid.js';
import { addressOf, firstView, listQuery, viewOf } from '../../web/src/view-state.js';

const views = fc.record({
  split: fc.constantFrom('all', 'train', 'test'),
  sort: fc.constantFrom('name', 'uncertainty', 'area', 'presence', 'age'),
  order: fc.constantFrom('asc', 'desc'),
  empty: fc.constantFrom('', 'yes', 'no'),
  subject: fc.string({ maxLength: 8 }),
  text: fc.string({ maxLength: 8 }),
  open: fc.option(fc.record({ key: fc.string(), index: fc.nat() })),
} as const);

describe('the address', () => {
  it('holds all of a view', () => {
    fc.assert(
      fc.property(views, (view) => {
        expect(viewOf(new URLSearchParams(addressOf(view).toString()))).toEqual(view);
      }),
    );
  });

  it('asks the server what it takes', () => {
    fc.assert(
      fc.property(views, (view) => {
        expect(listQuerySchema.safeParse(Object.fromEntries(listQuery(view))).success).toBe(true);
      }),
    );
  });

  it('of nonsense is the first view', () => {
    expect(viewOf(new URLSearchParams('split=x&sort=&order=up&empty=2&at=-1'))).toEqual(firstView);
  });
});

describe('the grid', () => {
  const sizes = fc.record({
    width: fc.integer({ min: 100, max: 4000 }),
    height: fc.integer({ min: 100, max: 2200 }),
    total: fc.integer({ min: 1, max: 100_000 }),
    index: fc.nat(),
  });

  it('draws what is seen and little more, wherever it is scrolled to', () => {
    fc.assert(
      fc.property(sizes, ({ width, height, total, index: any }) => {
        const grid = gridOf(width, total);
        const index = any % total;
        const top = scrollTo(grid, index, 0, height);
        const { first, end } = seen(grid, total, top, height);
        expect(index).toBeGreaterThanOrEqual(first);
        expect(index).toBeLessThan(end);
        expect(end - first).toBeLessThanOrEqual((height / 100 + 6) * grid.columns);
        const { left } = placeOf(grid, index);
        expect(left + grid.tileWidth).toBeLessThanOrEqual(Math.max(width, grid.tileWidth));
      }),
    );
  });

  it('stays where it is when a tile is seen already', () => {
    const grid = gridOf(1000, 500);
    expect(scrollTo(grid, 8, 10, 900)).toBe(10);
  });
});

describe('figures', () => {
  const prediction = {
    pixels: 120,
    uncertainty: 0.1,
    evidence: 1,
    predictedAt: null,
    modelId: 'm',
  };

  it.each([
    [{ ...prediction, areaMm2: 12.345 }, '12.3 mm²'],
    [{ ...prediction, areaMm2: null }, '120 px'],
    [{ ...prediction, areaMm2: null, pixels: 0 }, 'empty'],
  ])('area of %j is %s', (prediction, text) => expect(areaText({ prediction })).toBe(text));

  it('have their units', () => {
    expect(measureText('ellipse_major_mm', 5.4321)).toEqual({
      name: 'ellipse major',
      value: '5.43 mm',
    });
    expect(measureText('ellipse_angle_deg', 12)).toEqual({ name: 'ellipse angle', value: '12°' });
    expect(measureText('area_px', 10914).value).toBe('10914 px');
    expect(measureText('circularity', 0.91234)).toEqual({ name: 'circularity', value: '0.912' });
  });
});
